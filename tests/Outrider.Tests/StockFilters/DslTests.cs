using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;
using Outrider.Tests.Samples;
using Xunit;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>dsl</c>: what MOSN's expressions do in each phase.</summary>
public sealed class DslTests
{
    [Theory]
    [InlineData("""{"before_router_by_dsl":"ctx.rewrite_request_url(\"/own\") && ctx.add_request_header(\"dsl\", \"a\")"}""", "", "GET /own?q=1 ", "dsl: a")]
    [InlineData("""{"after_router_by_dsl":"conditional((request.host == \"a.test\") && (request.headers[\"x\"] | \"none\" == \"none\"), ctx.add_request_header(\"was\", \"none\"), ctx.add_request_header(\"was\", \"there\"))"}""", "", "GET /?q=1 ", "was: none")]
    [InlineData("""{"after_router_by_dsl":"conditional(request.headers[\"x\"] | \"none\" == \"none\", ctx.add_request_header(\"was\", \"none\"), ctx.add_request_header(\"was\", \"there\"))"}""", "x: 1\r\n", "GET /?q=1 ", "was: there")]
    [InlineData("""{"after_balancer_by_dsl":"conditional(string(destination.ip) == \"127.0.0.1\", ctx.add_request_header(\"to\", \"local\"), ctx.add_request_header(\"to\", \"other\"))"}""", "", "GET /?q=1 ", "to: local")]
    [InlineData("""{"before_router_by_dsl":"ctx.del_request_header(\"x\") && ctx.add_request_header(\"q\", request.query_params[\"q\"] | \"none\")"}""", "x: 1\r\n", "GET /?q=1 ", "q: 1")]
    [InlineData("""{"before_router_by_dsl":"ctx.add_request_header(\"m\", request.method.toLower() + request.path.size().string())"}""", "", "GET /?q=1 ", "m: get1")]
    public async Task Effects_happen_in_their_phase(string config, string fields, string line, string wanted)
    {
        string answer = await MirroredAsync("dsl", config, GetWith(fields, "/?q=1"));

        Assert.Contains(line, answer, StringComparison.Ordinal);
        Assert.Contains(wanted + "\r\n", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("""{"send_filter_by_dsl":"conditional(response.code == 200, ctx.add_response_header(\"seen\", \"yes\"), ctx.add_response_header(\"seen\", \"no\"))"}""", "seen: yes")]
    [InlineData("""{"send_filter_by_dsl":"ctx.add_response_header(\"type\", response.headers[\"nothing\"] | \"none\")"}""", "type: none")]
    public async Task A_response_is_changed_before_it_is_sent(string config, string wanted)
        => Assert.Contains(wanted + "\r\n", await MirroredAsync("dsl", config, GetWith("")), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public async Task An_expression_that_fails_stops_where_it_fails_and_the_request_goes_on()
    {
        string answer = await MirroredAsync("dsl", """{"before_router_by_dsl":"ctx.add_request_header(\"first\", \"1\") && ctx.add_request_header(\"second\", request.headers[\"no\"])"}""", GetWith(""));

        Assert.Equal(200, StatusOf(answer));
        Assert.Contains("first: 1", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("second:", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"before_router_by_dsl":"request.nothing == \"a\""}""", "$.before_router_by_dsl", "there is no attribute 'request.nothing'")]
    [InlineData("""{"after_router_by_dsl":"request.host == 1"}""", "$.after_router_by_dsl", "a text and a whole number")]
    [InlineData("""{"send_filter_by_dsl":"conditional(true, 1, \"a\")"}""", "$.send_filter_by_dsl", "one way gives")]
    [InlineData("""{"log_filter_by_dsl":"ctx.fly()"}""", "$.log_filter_by_dsl", "there is no function 'fly'")]
    [InlineData("""{"before_router_by_dsl":"1 +"}""", "$.before_router_by_dsl", "at character 4")]
    [InlineData("""{"before":"1"}""", "$.before", "")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path, string message)
    {
        var refusal = Refusal("dsl", config);
        Assert.Equal(path, refusal.Path);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_of_MOSN_answers_as_its_page_says()
    {
        int server = OutriderProcess.FreePort(), client = OutriderProcess.FreePort(), admin = OutriderProcess.FreePort(), debug = OutriderProcess.FreePort();
        string file = Path.Combine(Path.GetTempPath(), $"outrider-dsl-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(Path.Combine(SampleCopy.Root, "tests/mosn-configs/examples/codes/dsl-sample/config.json")))
            .Replace("0.0.0.0:2046", $"127.0.0.1:{server}", StringComparison.Ordinal).Replace(":2402", $":{client}", StringComparison.Ordinal)
            .Replace("34901", $"{admin}", StringComparison.Ordinal).Replace("34902", $"{debug}", StringComparison.Ordinal));
        try
        {
            using var proxy = OutriderProcess.Start("start", "-c", file);
            await proxy.ListensAsync(server);
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{server}/");
            request.Headers.Host = "dslhost";

            using var answer = await http.SendAsync(request);
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.Equal("hello DSL!", await answer.Content.ReadAsStringAsync());

            using var other = await http.GetAsync(new Uri($"http://127.0.0.1:{server}/"));
            Assert.Equal(404, (int)other.StatusCode);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
