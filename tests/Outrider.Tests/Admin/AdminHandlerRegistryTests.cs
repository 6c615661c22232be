using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Admin.Handlers;
using Outrider.Proxy.Server;
using Outrider.Tests.Configuration;

namespace Outrider.Tests.Admin;

public sealed class AdminHandlerRegistryTests : IDisposable
{
    private readonly FakeAdminSource _source = new();
    private readonly AdminHandlerRegistry _registry = new();

    public AdminHandlerRegistryTests() => _registry.Add("hello", _ => new HelloHandler());

    public void Dispose() => _source.Dispose();

    [Fact]
    public async Task A_name_in_the_configuration_that_is_not_known_is_found_before_the_proxy_starts()
    {
        var configuration = new Sample { Root = """, "admin": { "address": { "socket_address": { "port_value": 0 } }, "handlers": ["shadow"] }""" }.Configuration();

        var problem = Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(() => ProxyServer.CheckAsync(configuration, new StreamFilterRegistry()))).Problems);

        Assert.Equal("admin.handlers: there is no admin handler named 'shadow'", Sample.Line(problem));
    }

    [Fact]
    public async Task A_configuration_adds_pages_by_name()
    {
        const string Json = """
            {"servers": [{}], "admin": {"address": {"socket_address": {"port_value": 0}}, "handlers": ["hello", "hello"]}}
            """;
        LoadedConfiguration loaded = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(Json), "mosn.json");
        Assert.DoesNotContain(loaded.Warnings, warning => warning.JsonPath.StartsWith("admin", StringComparison.Ordinal));
        AdminHandlers handlers = _registry.AddTo(BuiltInPages.Of(_source), _source, loaded.Configuration.Admin!.Handlers);
        Assert.Contains(handlers.Pages, page => page.Path == "/metrics");
        AdminResponse response = await handlers.HandleAsync(new AdminRequest("GET", "/hello", [], default));
        Assert.Equal("hello", Encoding.UTF8.GetString(response.Body.Span));
    }

    [Fact]
    public void A_name_that_nobody_registered_or_that_is_taken_is_an_error_that_says_so()
    {
        Assert.Contains("'nope'", Assert.Throws<ArgumentException>(() => _registry.AddTo(BuiltInPages.Of(_source), _source, ["nope"])).Message, StringComparison.Ordinal);
        Assert.Contains("'hello'", Assert.Throws<ArgumentException>(() => _registry.Add("hello", _ => new HelloHandler())).Message, StringComparison.Ordinal);
        Assert.Equal(["hello"], _registry.Names);
    }

    private sealed class HelloHandler : IAdminHandler
    {
        public string Path => "/hello";

        public ValueTask<AdminResponse> HandleAsync(AdminRequest request) => new(AdminResponse.Text("hello"));
    }
}
