using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Tests.Harness;
using Xunit;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Routing;

/// <summary>Routes that ask for a stream's variables, or by expressions; and who has a say in the choice.</summary>
public sealed class StreamMatchTests
{
    [Theory]
    [InlineData("""{"name":"x-mosn-method","value":"GET"}""", true)]
    [InlineData("""{"name":"x-mosn-method","value":"POST"}""", false)]
    [InlineData("""{"name":"request_header_x-user","regex":"^a"}""", true)]
    [InlineData("""{"name":"request_header_x-user","regex":"^b"}""", false)]
    [InlineData("""{"name":"x-mosn-method","value":"POST","model":"or"},{"name":"x-mosn-path","value":"/p"}""", true)]
    [InlineData("""{"name":"x-mosn-method","value":"GET","model":"and"},{"name":"x-mosn-path","value":"/q"}""", false)]
    [InlineData("""{"name":"x-mosn-method","value":"GET","model":"or"},{"name":"x-mosn-path","value":"/q"}""", true)]
    [InlineData("""{"name":"x-mosn-method","value":"POST","model":"and"},{"name":"x-mosn-host","value":"no","model":"OR"},{"name":"x-mosn-path","value":"/p"}""", true)]
    public Task Variables_match_from_left_to_right(string variables, bool matches) => TakesAsync($$"""{"variables":[{{variables}}]}""", matches);

    [Theory]
    [InlineData("""{"expression":"request.method == \"GET\""}""", true)]
    [InlineData("""{"expression":"request.method == \"POST\""}""", false)]
    [InlineData("""{"expression":"request.method == \"GET\""},{"expression":"request.headers[\"x-user\"] == \"b\""}""", false)]
    [InlineData("""{"expression":"request.headers[\"missing\"] == \"b\""}""", false)]
    [InlineData("""{"expression":"(request.headers[\"missing\"] | \"b\") == \"b\" && request.path.startsWith(\"/p\")"}""", true)]
    public Task Expressions_match_where_all_of_them_are_true(string expressions, bool matches) => TakesAsync($$"""{"dsl_expressions":[{{expressions}}]}""", matches);

    [Fact]
    public async Task A_route_handler_has_a_say_in_which_route_it_is()
    {
        var extensions = new ConnectionExtensions();
        extensions.RouteHandlers.Add("picky", new Picky());
        await using var proxy = await StartAsync("""{"prefix":"/"}""", "picky", extensions);

        // It never takes the first one.
        Assert.Equal(202, StatusOf(await proxy.SendAsync("GET /p HTTP/1.1\r\nhost: a\r\nx-user: ann\r\n\r\n")));
    }

    [Fact]
    public async Task A_route_handler_that_is_not_there_is_an_error_with_its_place()
    {
        var refusal = await Assert.ThrowsAsync<Outrider.Configuration.Problems.ConfigurationException>(() => StartAsync("""{"prefix":"/"}""", "nobody", null));
        Assert.Contains("servers[0].listeners[0].filter_chains[0].filters[0].config.router_handler_name: there is no route handler 'nobody'; there are: default", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task TakesAsync(string match, bool matches)
    {
        await using var proxy = await StartAsync(match, "default", null);
        Assert.Equal(matches ? 201 : 202, StatusOf(await proxy.SendAsync("GET /p HTTP/1.1\r\nhost: a\r\nx-user: ann\r\n\r\n")));
    }

    private static Task<TestProxy> StartAsync(string match, string handler, ConnectionExtensions? extensions) => TestProxy.StartJsonAsync($$"""
        {"servers":[{"default_log_path":"/dev/null","processor":1,
        "routers":[{"router_config_name":"r","virtual_hosts":[{"domains":["*"],"routers":[
          {"match":{{match}},"direct_response":{"status":201} },{"match":{"prefix":"/"},"direct_response":{"status":202} }]}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r","router_handler_name":"{{handler}}"} }]}]}]}]}
        """, new StreamFilterRegistry(), extensions: extensions);

    private sealed class Picky : IRouteHandler
    {
        private int _asked;

        public bool Accepts(RouteInfo route, StreamContext stream) => stream.RequestHeaders.GetString("x-user") == "ann" && _asked++ % 2 == 1;
    }
}
