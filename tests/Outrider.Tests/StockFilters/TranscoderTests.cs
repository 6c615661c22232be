using Outrider.Assemblies;
using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>transcoder</c>, with transcoders of this assembly, found as an extension's are.</summary>
public sealed class TranscoderTests
{
    [Fact]
    public async Task A_transcoder_rewrites_requests_and_their_answers()
    {
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, """{"type":"form","config":{"path":"/in"}}""");

        string answer = await proxy.SendAsync(Post("name=me", "/out"));
        Assert.Equal(200, StatusOf(answer));
        Assert.Contains("x-asked: name\r\n", answer, StringComparison.Ordinal);
        Assert.StartsWith("text of ", BodyOf(answer), StringComparison.Ordinal);
        Assert.Contains("POST /in HTTP/1.1\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.Contains("content-type: application/xml\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.EndsWith("<name>me</name>", upstream.Received, StringComparison.Ordinal);

        // It is not for this one, nor for its answer.
        Assert.StartsWith("GET / HTTP/1.1\r\n", BodyOf(await proxy.SendAsync(Get)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_transcoded_is_a_400_or_a_500()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await StartAsync(upstream.Address, """{"type":"form"}""");
        Assert.Equal(400, StatusOf(await proxy.SendAsync(Post("nothing"))));
        Assert.Equal("", upstream.Received);
        Assert.Equal(500, StatusOf(await proxy.SendAsync(Post("a=b"))));
        Assert.Equal(0, proxy.Stats.FilterErrors);
    }

    [Fact]
    public async Task Rules_choose_by_header_and_by_the_clients_protocol_as_in_MOSN()
    {
        const string Rules = """
            {"trans":{"receiver_phase":0},"rules":[{"matcher_config":{"matcher_type":"simpleMatcher","config":{"name":"x-kind","value":"old"}},"rule_info":{"upstream_protocol":"old","description":"for the old ones"}},
            {"matcher_config":{"matcher_type":"simpleMatcher"},"rule_info":{"type":"form","config":{"path":"/all"}}}]}
            """;
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, Rules);
        string old = BodyOf(await proxy.SendAsync(Post("a").Replace("\r\n\r\n", "\r\nx-kind: old\r\n\r\n", StringComparison.Ordinal)));
        Assert.Contains("x-old: 1\r\n", old, StringComparison.Ordinal);
        Assert.EndsWith("a!", old, StringComparison.Ordinal);
        Assert.Contains("x-asked: a\r\n", await proxy.SendAsync(Post("a=b")), StringComparison.Ordinal);

        await using var off = await StartAsync(upstream.Address, """{"type":"Http1_old"}""", """{"transcoder":{"disable":true}}""");
        Assert.Contains("x-old", await off.SendAsync(Get), StringComparison.Ordinal);
        Assert.DoesNotContain("x-old", await off.SendAsync(GetWith("", "/own")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "$.type")]
    [InlineData("""{"type":"nothing"}""", "$.type")]
    [InlineData("""{"type":"form","config":{"path":1}}""", "$.config.path")]
    [InlineData("""{"type":"form","trans":{"receiver_phase":3}}""", "$.trans.receiver_phase")]
    [InlineData("""{"type":"form","trans":{"receiver_phase":2}}""", "$")]
    [InlineData("""{"rules":[{"rule_info":{"type":"form"}}]}""", "$.rules[0].matcher_config")]
    [InlineData("""{"rules":[{"matcher_config":{},"rule_info":{"type":"form"}}]}""", "$.rules[0].matcher_config.matcher_type")]
    [InlineData("""{"rules":[{"matcher_config":{"matcher_type":"other"},"rule_info":{"type":"form"}}]}""", "$.rules[0].matcher_config.matcher_type")]
    [InlineData("""{"rules":[{"matcher_config":{"matcher_type":"simpleMatcher"},"rule_info":{"upstream_protocol":"bolt"}}]}""", "$.rules[0].rule_info.upstream_protocol")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path)
    {
        var registry = new StreamFilterRegistry();
        Outrider.StockFilters.StockFilterSet.Register(registry);
        Register(registry);
        Assert.Equal(path, Assert.Throws<FilterConfigurationException>(() => registry.Find("transcoder")!(new FilterConfiguration("transcoder", System.Text.Encoding.UTF8.GetBytes(config), "/"))).Path);
    }

    private static Task<TestProxy> StartAsync(string upstream, string config, string perFilterConfig = "{}")
        => StockProxy.StartAsync(upstream, $$"""{"type":"transcoder","config":{{config}} }""", more: Register, perFilterConfig: perFilterConfig);

    private static void Register(StreamFilterRegistry registry)
    {
        foreach (var found in AssemblyParts.Find(typeof(FormTranscoder).Assembly, registry).Where(found => found.Kind == "transcoder"))
        {
            found.Register();
        }
    }
}
