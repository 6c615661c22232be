using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>payload_limit</c>.</summary>
public sealed class PayloadLimitTests
{
    [Theory]
    [InlineData("""{"max_entity_size ":5,"http_status":500}""", 500)]
    [InlineData("""{"max_entity_size":5}""", 413)]
    [InlineData("""{"max_entity_size ":6}""", 200)]
    [InlineData("""{"max_entity_size ":0,"http_status":500}""", 200)]
    [InlineData("{}", 200)]
    public async Task A_larger_body_is_answered_whether_its_length_is_said_or_not(string config, int status)
    {
        Assert.Equal(status, StatusOf(await MirroredAsync("payload_limit", config, Post("123456"))));
        Assert.Equal(status, StatusOf(await MirroredAsync("payload_limit", config, PostChunked("123", "456"))));
    }

    [Fact]
    public async Task A_route_has_a_limit_of_its_own()
    {
        const string Route = """{"payload_limit":{"max_entity_size ":3,"http_status":400}}""";
        Assert.Equal(400, StatusOf(await MirroredAsync("payload_limit", """{"max_entity_size ":100}""", Post("1234", "/own"), Route)));
        Assert.Equal(200, StatusOf(await MirroredAsync("payload_limit", """{"max_entity_size ":100}""", Post("1234"), Route)));
    }

    [Theory]
    [InlineData("""{"max_entity_size":-1}""", "$.max_entity_size")]
    [InlineData("""{"http_status":99}""", "$.http_status")]
    [InlineData("""{"max_entity":1}""", "$.max_entity")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("payload_limit", config).Path);
}
