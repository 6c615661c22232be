using Outrider.Filters;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>header_to_metadata</c>.</summary>
public sealed class HeaderToMetadataTests
{
    [Theory]
    [InlineData("""{"header":"x-zone","on_header_present":{"key":"zone"}}""", "x-zone: z1\r\n", "x-labels: z1|z1|")]
    [InlineData("""{"header":"x-zone","on_header_present":{"key":"zone","value":"fixed"}}""", "x-zone: z1\r\n", "x-labels: fixed|fixed|")]
    [InlineData("""{"header":"x-zone","on_header_present":{"key":"zone"}}""", "", "x-labels: ||")]
    [InlineData("""{"header":"x-zone","on_header_missing":{"key":"zone","value":"none"}}""", "", "x-labels: none|none|")]
    [InlineData("""{"header":"x-zone","on_header_missing":{"key":"zone","value":"none"}}""", "x-zone: z1\r\n", "x-labels: ||")]
    [InlineData("""{"header":"x-zone","on_header_present":{"metadata_namespace":"mine","key":"zone"}}""", "x-zone: z1\r\n", "x-labels: ||z1")]
    public async Task A_header_makes_a_label(string rule, string fields, string labels)
        => Assert.Contains(labels + "\r\n", await LabelledAsync(rule, fields), StringComparison.Ordinal);

    [Fact]
    public async Task The_header_is_removed_where_the_rule_says_so()
    {
        Assert.DoesNotContain("x-zone:", await LabelledAsync("""{"header":"x-zone","on_header_present":{"key":"zone"},"remove":true}""", "x-zone: z1\r\n"), StringComparison.Ordinal);
        Assert.Contains("x-zone:", await LabelledAsync("""{"header":"x-zone","on_header_present":{"key":"zone"}}""", "x-zone: z1\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"request_rules":[{"on_header_present":{"key":"a"}}]}""", "$.request_rules[0].header")]
    [InlineData("""{"request_rules":[{"header":"a"}]}""", "$.request_rules[0]")]
    [InlineData("""{"request_rules":[{"header":"a","on_header_present":{"key":"a"},"on_header_missing":{"key":"a","value":"b"}}]}""", "$.request_rules[0]")]
    [InlineData("""{"request_rules":[{"header":"a","on_header_missing":{"key":"a"}}]}""", "$.request_rules[0].on_header_missing.value")]
    [InlineData("""{"request_rules":[{"header":"a","on_header_present":{}}]}""", "$.request_rules[0].on_header_present.key")]
    [InlineData("""{"request_rules":[{"header":"connection","on_header_present":{"key":"a"},"remove":true}]}""", "$.request_rules[0].header")]
    [InlineData("""{"rules":[]}""", "$.rules")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("header_to_metadata", config).Path);

    private static async Task<string> LabelledAsync(string rule, string fields)
    {
        using var upstream = Mirror();
        await using var proxy = await StockProxy.StartAsync(
            upstream.Address,
            $$"""{"type":"header_to_metadata","config":{"request_rules":[{{rule}}]} },{"type":"labels"}""",
            more: registry => registry.Add("labels", _ => new StreamFilterFactory<LabelsFilter>(() => new LabelsFilter(), ReceiverPhase.AfterRoute)));
        return BodyOf(await proxy.SendAsync(GetWith(fields)));
    }

    private sealed class LabelsFilter : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        {
            headers.Set("x-labels", $"{Stream.Metadata.GetText("mosn.lb", "zone")}|{Stream.Metadata.GetText("envoy.lb", "zone")}|{Stream.Metadata.GetText("mine", "zone")}");
            return FilterAction.Continue;
        }
    }
}
