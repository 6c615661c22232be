using System.Net;
using System.Text;
using System.Text.Json;
using Outrider.Filters;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Admin.Handlers;
using Outrider.Tests.Harness;
using Outrider.Tests.Runtime;

namespace Outrider.Tests.Admin;

/// <summary>The pages that change single resources.</summary>
public sealed class ResourcePagesTests : IDisposable
{
    private const string Admin = ",\"admin\":{\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":0}}}";

    private readonly FakeAdminSource _source = new();
    private readonly AdminHandlers _handlers;

    public ResourcePagesTests() => _handlers = BuiltInPages.Of(_source);

    public void Dispose() => _source.Dispose();

    [Theory]
    [InlineData("/api/v1/clusters/a/hosts", ConfigurationResourceKind.Hosts, "a")]
    [InlineData("/api/v1/clusters/a/b/hosts", ConfigurationResourceKind.Hosts, "a/b")]
    [InlineData("/api/v1/clusters/a", ConfigurationResourceKind.Cluster, "a")]
    [InlineData("/api/v1/routers/outbound|80", ConfigurationResourceKind.Router, "outbound|80")]
    [InlineData("/api/v1/listeners/0.0.0.0:80", ConfigurationResourceKind.Listener, "0.0.0.0:80")]
    public async Task A_path_names_a_resource_and_the_body_is_what_it_says(string path, ConfigurationResourceKind kind, string name)
    {
        var response = await PostAsync(path, "{}");

        Assert.Equal(200, response.Status);
        Assert.Equal($$"""[{"kind":"{{kind.ToString().ToLowerInvariant()}}","name":"{{name}}","accepted":true}]""", Compact(response));
        Assert.Equal((kind, name, "{}"), _source.Applied.Select(resource => (resource.Kind, resource.Name, Encoding.UTF8.GetString(resource.Json.Span))).Single());
    }

    [Fact]
    public async Task Several_resources_come_in_one_request()
    {
        var response = await PostAsync("/api/v1/resources", """
            {"listeners":[{"name":"l"}],"clusters":[{"name":"c"},{"name":"bad"}],"routers":[{"router_config_name":"r"}],"hosts":{"d":[{"address":"a:1"}]},"remove":{"clusters":["e"],"hosts":["f"]}}
            """);

        Assert.Equal(400, response.Status);
        Assert.Equal(["Listener l", "Cluster c", "Cluster bad", "Router r", "Hosts d", "Cluster e", "Hosts f"], _source.Applied.Select(resource => $"{resource.Kind} {resource.Name}"));
        Assert.Equal(["e", "f"], _source.Applied.Where(resource => resource.IsRemoval).Select(resource => resource.Name));
        Assert.Contains("""{"kind":"cluster","name":"bad","accepted":false,"problems":["is bad"]}""", Compact(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not JSON: ")]
    [InlineData("[]", "the body is no object")]
    [InlineData("""{"cluster":[]}""", "unknown key \"cluster\"; there are clusters, hosts, routers, listeners and remove")]
    [InlineData("""{"clusters":{}}""", "clusters is no array")]
    [InlineData("""{"clusters":[{}]}""", "an item of clusters has no name")]
    [InlineData("""{"routers":[{"router_config_name":""}]}""", "routers[].router_config_name: a name is a string that is not empty")]
    [InlineData("""{"remove":{"routers":[1]}}""", "remove.routers: a name is a string that is not empty")]
    public async Task A_request_that_cannot_be_read_says_why(string body, string message)
    {
        var response = await PostAsync("/api/v1/resources", body);

        Assert.Equal(400, response.Status);
        Assert.StartsWith(message, Encoding.UTF8.GetString(response.Body.Span), StringComparison.Ordinal);
        Assert.Empty(_source.Applied);
    }

    [Theory]
    [InlineData("/api/v1/resources")]
    [InlineData("/api/v1/clusters/a")]
    [InlineData("/api/v1/routers/a")]
    [InlineData("/api/v1/listeners/a")]
    public async Task What_is_as_good_as_the_file_wants_a_token(string path)
    {
        Assert.Equal(403, (await _handlers.HandleAsync(new AdminRequest("POST", path, [], "{}"u8.ToArray()))).Status);
        Assert.Empty(_source.Applied);
    }

    [Fact]
    public async Task Hosts_are_shown_and_replaced_and_taken_back_while_the_proxy_runs()
    {
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
        using var b = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nb");
        await using var proxy = await TestProxy.StartJsonAsync(RuntimeStoreTests.Json(a.Address, a.Address, more: ""","admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":0}}}""".Replace("\\", "", StringComparison.Ordinal)));
        using var client = await RawClient.ConnectAsync(RuntimeStoreTests.PortOf(proxy, "l"));
        using var http = new HttpClient { BaseAddress = new Uri($"http://{proxy.AdminEndPoint}") };
        Assert.Equal("a", await RuntimeStoreTests.AskAsync(client));

        using var body = new StringContent($$"""[{"address":"{{b.Address}}"}]""");
        using (var taken = await http.PostAsync("/api/v1/clusters/up/hosts", body))
        {
            Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        }

        Assert.Equal("b", await RuntimeStoreTests.AskAsync(client));
        Assert.Contains($"\"address\": \"{b.Address}\"", await http.GetStringAsync("/api/v1/clusters/up/hosts"), StringComparison.Ordinal);
        Assert.Contains(b.Address, await http.GetStringAsync("/api/v1/config_dump?cluster=up"), StringComparison.Ordinal);
        Assert.Contains(a.Address, await http.GetStringAsync("/api/v1/config_dump?cluster=other"), StringComparison.Ordinal);

        using (var back = await http.PostAsync("/api/v1/clusters/up/hosts", null))
        {
            Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        }

        Assert.Equal("a", await RuntimeStoreTests.AskAsync(client));
        using var wrong = new StringContent("""{"hosts":[{"address":"nonsense"}]}""");
        using (var refused = await http.PostAsync("/api/v1/clusters/up/hosts", wrong))
        {
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains("hosts[0].address: found the string", JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement[0].GetProperty("problems")[0].GetString(), StringComparison.Ordinal);
        }

        using (var unknown = await http.GetAsync("/api/v1/clusters/nobody/hosts"))
        {
            Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        }

        Assert.Equal("a", await RuntimeStoreTests.AskAsync(client));
    }

    private async Task<AdminResponse> PostAsync(string path, string body)
        => await _handlers.HandleAsync(new AdminRequest("POST", path, [], Encoding.UTF8.GetBytes(body)) { HasToken = true });

    private static string Compact(AdminResponse response)
    {
        using var document = JsonDocument.Parse(response.Body);
        return JsonSerializer.Serialize(document.RootElement, s_relaxed);
    }

    private static readonly JsonSerializerOptions s_relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
