using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>header_mutation</c>.</summary>
public sealed class HeaderMutationTests
{
    [Theory]
    [InlineData("""{"remove":"x-a"}""", "", 1, 0)]
    [InlineData("""{"append":{"header":{"key":"x-a","value":"new"}}}""", "new", 2, 1)]
    [InlineData("""{"append":{"header":{"key":"x-a","value":"new"},"append_action":"APPEND_IF_EXISTS_OR_ADD"}}""", "new", 2, 1)]
    [InlineData("""{"append":{"header":{"key":"x-a","value":"new"},"append_action":"ADD_IF_ABSENT"}}""", "new", 1, 1)]
    [InlineData("""{"append":{"header":{"key":"x-a","value":"new"},"append_action":"OVERWRITE_IF_EXISTS_OR_ADD"}}""", "new", 1, 1)]
    [InlineData("""{"append":{"header":{"key":"x-a","value":"new"},"append_action":"OVERWRITE_IF_EXISTS"}}""", "new", 1, 0)]
    public async Task A_header_is_changed_as_Envoy_changes_it(string mutation, string value, int withOne, int withNone)
    {
        string config = $$"""{"mutations":{"request_mutations":[{{mutation}}]} }""";
        string there = BodyOf(await MirroredAsync("header_mutation", config, GetWith("x-a: old\r\n")));
        Assert.Equal(mutation.Contains("remove", StringComparison.Ordinal) ? 0 : withOne, Count(there, "x-a: "));
        string missing = BodyOf(await MirroredAsync("header_mutation", config, GetWith("")));
        Assert.Equal(withNone, Count(missing, "x-a: "));
        Assert.Equal(withNone, value.Length == 0 ? 0 : Count(missing, $"x-a: {value}\r\n"));
    }

    [Fact]
    public async Task Responses_and_routes_have_changes_too()
    {
        const string Config = """{"response_mutations":[{"append":{"header":{"key":"x-b","value":"1"},"append_action":"OVERWRITE_IF_EXISTS_OR_ADD"}}]}""";
        const string Route = """{"header_mutation":{"response_mutations":[{"append":{"header":{"key":"x-b","value":"2"}}}],"request_mutations":[{"append":{"header":{"key":"host","value":"new.test"}}}]}}""";
        string answer = await MirroredAsync("header_mutation", Config, GetWith("", "/own"), Route);
        Assert.Contains("x-b: 1\r\nx-b: 2\r\n", HeadOf(answer), StringComparison.Ordinal);
        Assert.Contains("host: new.test\r\n", BodyOf(answer), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, Count(BodyOf(answer).ToLowerInvariant(), "host: "));
    }

    [Theory]
    [InlineData("""{"request_mutations":[{}]}""", "$.request_mutations[0]")]
    [InlineData("""{"request_mutations":[{"remove":"host"}]}""", "$.request_mutations[0].remove")]
    [InlineData("""{"request_mutations":[{"remove":"content-length"}]}""", "$.request_mutations[0].remove")]
    [InlineData("""{"response_mutations":[{"append":{"header":{"key":"transfer-encoding","value":"a"}}}]}""", "$.response_mutations[0].append.header.key")]
    [InlineData("""{"response_mutations":[{"append":{"header":{"key":"a","value":"b\r\nc: d"}}}]}""", "$.response_mutations[0].append.header.value")]
    [InlineData("""{"mutations":{"mutations":{}}}""", "$.mutations.mutations")]
    [InlineData("""{"request_mutations":[{"append":{"header":{"key":"a"},"append_action":"REPLACE"}}]}""", "$.request_mutations[0].append.append_action")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("header_mutation", config).Path);

    private static int Count(string text, string part) => text.Split(part, StringSplitOptions.None).Length - 1;
}
