using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>api_key</c>.</summary>
public sealed class ApiKeyTests
{
    private const string Config = """
        {"credentials":[{"key":"k1","client":"one"},{"key":"k2 +","client":"two"}],"key_sources":[{"header":"x-key"},{"header":"authorization"},{"query":"key"},{"cookie":"key"}],
        "forward_client_header":"x-client","hide_credentials":true}
        """;

    [Theory]
    [InlineData("x-key: k1\r\n", "/", 200, "one")]
    [InlineData("authorization: Bearer k1\r\n", "/", 200, "one")]
    [InlineData("", "/?key=k1", 200, "one")]
    [InlineData("", "/?a=1&key=k2%20%2B&b=2", 200, "two")]
    [InlineData("cookie: a=1; key=k1; b=2\r\n", "/", 200, "one")]
    [InlineData("x-key: k1\r\nx-client: two\r\n", "/", 200, "one")]
    [InlineData("", "/", 401, "")]
    [InlineData("x-key: k3\r\n", "/", 401, "")]
    [InlineData("x-key: k\r\n", "/?key=k1", 401, "")]
    [InlineData("", "/?xkey=k1", 401, "")]
    [InlineData("cookie: xkey=k1\r\n", "/", 401, "")]
    public async Task A_key_that_is_known_passes_and_goes_no_further(string fields, string path, int status, string client)
    {
        string answer = await MirroredAsync("api_key", Config, GetWith(fields, path));
        Assert.Equal(status, StatusOf(answer));
        if (status == 200)
        {
            Assert.Contains($"x-client: {client}\r\n", BodyOf(answer), StringComparison.Ordinal);
            Assert.DoesNotContain("k1", BodyOf(answer), StringComparison.Ordinal);
            Assert.DoesNotContain("k2", BodyOf(answer), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_stands_beside_the_key_stays()
    {
        Assert.Contains("GET /p?a=1&b=2 ", BodyOf(await MirroredAsync("api_key", Config, GetWith("", "/p?a=1&key=k1&b=2"))), StringComparison.Ordinal);
        Assert.Contains("GET /p ", BodyOf(await MirroredAsync("api_key", Config, GetWith("", "/p?key=k1"))), StringComparison.Ordinal);
        Assert.Contains("cookie: a=1; b=2\r\n", BodyOf(await MirroredAsync("api_key", Config, GetWith("cookie: a=1; key=k1; b=2\r\n"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_is_for_some_clients_or_for_all()
    {
        const string Route = """{"api_key":{"allowed_clients":["two"]}}""";
        Assert.Equal(403, StatusOf(await MirroredAsync("api_key", Config, GetWith("x-key: k1\r\n", "/own"), Route)));
        Assert.Equal(200, StatusOf(await MirroredAsync("api_key", Config, GetWith("x-key: k2 +\r\n", "/own"), Route)));
        Assert.Equal(401, StatusOf(await MirroredAsync("api_key", Config, GetWith("", "/own"), Route)));
        Assert.Equal(200, StatusOf(await MirroredAsync("api_key", Config, GetWith("", "/own"), """{"api_key":{"disable":true}}""")));
    }

    [Theory]
    [InlineData("{}", "$.credentials")]
    [InlineData("""{"credentials":[{"key":"a","client":"b"}]}""", "$.credentials")]
    [InlineData("""{"credentials":[{"key":"a"}],"key_sources":[{"header":"a"}]}""", "$.credentials[0].client")]
    [InlineData("""{"credentials":[{"key":"a","client":"b"},{"key":"a","client":"c"}],"key_sources":[{"header":"a"}]}""", "$.credentials[1].key")]
    [InlineData("""{"credentials":[{"key":"a","client":"b"}],"key_sources":[{"header":"a","query":"b"}]}""", "$.key_sources[0]")]
    [InlineData("""{"credentials":[{"key":"a","client":"b"}],"key_sources":[{"header":"a b"}]}""", "$.key_sources[0].header")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("api_key", config).Path);
}
