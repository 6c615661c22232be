using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>cors</c>.</summary>
public sealed class CorsTests
{
    private const string Config = """
        {"allow_origins":["https://a.test","https://*.b.test"],"allow_origin_regex":["https://c[0-9]+[.]test"],"allow_methods":["GET","PUT"],
        "allow_headers":["x-one","x-two"],"expose_headers":["x-seen"],"max_age":"10m","allow_credentials":true}
        """;

    [Theory]
    [InlineData("https://a.test", true)]
    [InlineData("HTTPS://A.test", true)]
    [InlineData("https://x.b.test", true)]
    [InlineData("https://c42.test", true)]
    [InlineData("https://b.test", false)]
    [InlineData("https://evil.test/.b.test", false)]
    [InlineData("https://a.test.evil.test", false)]
    [InlineData("https://c42.test.evil.test", false)]
    [InlineData("null", false)]
    public async Task A_browser_that_asks_beforehand_is_told_of_origins_that_are_allowed(string origin, bool allowed)
    {
        string answer = await MirroredAsync("cors", Config, $"OPTIONS / HTTP/1.1\r\nhost: a\r\norigin: {origin}\r\naccess-control-request-method: PUT\r\n\r\n");
        Assert.Equal(204, StatusOf(answer));
        Assert.Contains("vary: origin\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(allowed, answer.Contains($"access-control-allow-origin: {origin}\r\n", StringComparison.Ordinal));
        Assert.Equal(allowed, answer.Contains("access-control-allow-methods: GET, PUT\r\n", StringComparison.Ordinal));
        Assert.Equal(allowed, answer.Contains("access-control-allow-headers: x-one, x-two\r\n", StringComparison.Ordinal));
        Assert.Equal(allowed, answer.Contains("access-control-allow-credentials: true\r\n", StringComparison.Ordinal));
        Assert.Equal(allowed, answer.Contains("access-control-max-age: 600\r\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_response_says_which_page_may_read_it()
    {
        string answer = await MirroredAsync("cors", Config, GetWith("origin: https://a.test\r\n"));
        Assert.Contains("access-control-allow-origin: https://a.test\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("access-control-expose-headers: x-seen\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("access-control-allow-credentials: true\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("vary: origin\r\n", answer, StringComparison.Ordinal);

        string other = await MirroredAsync("cors", Config, GetWith("origin: https://evil.test\r\n"));
        Assert.Equal(200, StatusOf(other));
        Assert.DoesNotContain("access-control", HeadOf(other), StringComparison.Ordinal);
        Assert.Contains("vary: origin\r\n", other, StringComparison.Ordinal);
        Assert.Contains("vary: origin\r\n", await MirroredAsync("cors", Config, GetWith("")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_origins_need_no_vary_and_a_plain_OPTIONS_goes_on()
    {
        const string All = """{"allow_origins":["*"],"allow_headers":["*"]}""";
        string answer = await MirroredAsync("cors", All, GetWith("origin: https://x.test\r\n"));
        Assert.Contains("access-control-allow-origin: *\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("vary", HeadOf(answer), StringComparison.Ordinal);
        string asked = await MirroredAsync("cors", All, "OPTIONS / HTTP/1.1\r\nhost: a\r\norigin: https://x.test\r\naccess-control-request-method: PUT\r\naccess-control-request-headers: x-a,x-b\r\n\r\n");
        Assert.Contains("access-control-allow-headers: x-a,x-b\r\n", asked, StringComparison.Ordinal);
        Assert.Equal(200, StatusOf(await MirroredAsync("cors", All, "OPTIONS / HTTP/1.1\r\nhost: a\r\norigin: https://x.test\r\n\r\n")));
    }

    [Fact]
    public async Task A_route_allows_origins_of_its_own()
        => Assert.Contains(
            "access-control-allow-origin: https://own.test\r\n",
            await MirroredAsync("cors", Config, GetWith("origin: https://own.test\r\n", "/own"), """{"cors":{"allow_origins":["https://own.test"]}}"""),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"allow_origins":["*"],"allow_credentials":true}""", "$.allow_credentials")]
    [InlineData("""{"allow_origin_regex":["("]}""", "$.allow_origin_regex[0]")]
    [InlineData("""{"allow_methods":["GET PUT"]}""", "$.allow_methods[0]")]
    [InlineData("""{"max_age":"-1s"}""", "$.max_age")]
    [InlineData("""{"origins":[]}""", "$.origins")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("cors", config).Path);
}
