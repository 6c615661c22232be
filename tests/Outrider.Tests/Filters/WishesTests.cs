using System.Text.Json;
using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>What a filter may wish for its stream in our own proxy; the same filters run in Envoy.</summary>
public sealed class WishesTests
{
    [Fact]
    public async Task A_filter_chooses_the_host()
    {
        using var first = RawUpstream.Answering(Response("one"));
        using var second = RawUpstream.Answering(Response("two"));
        var filter = new Script
        {
            DecodeHeaders = (f, headers, _) =>
            {
                f.Context.SetUpstreamHost(headers.GetString("x-host")!, headers.Contains("x-strict"u8));
                return FilterAction.Continue;
            },
        };
        await using var proxy = await TestProxy.StartAsync([first.Address, second.Address], [filter]);
        string Ask(string host, string more = "") => $"GET / HTTP/1.1\r\nhost: a\r\nx-host: {host}\r\n{more}\r\n";

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("one", BodyOf(await proxy.SendAsync(Ask(first.Address))));
            Assert.Equal("two", BodyOf(await proxy.SendAsync(Ask(second.Address))));
        }

        Assert.Equal(200, StatusOf(await proxy.SendAsync(Ask("127.0.0.1:1"))));
        Assert.Equal(503, StatusOf(await proxy.SendAsync(Ask("127.0.0.1:1", "x-strict: 1\r\n"))));
        Assert.Equal(500, StatusOf(await proxy.SendAsync(Ask("one.example"))));
    }

    [Fact]
    public async Task Metadata_holds_lists_and_what_a_JSON_object_says()
    {
        string seen = "";
        var filter = new Script
        {
            DecodeHeaders = (f, _, _) =>
            {
                var metadata = f.Context.Metadata;
                metadata.Append("n", "list", "text");
                metadata.Append("n", "list", 2.5);
                using var json = JsonDocument.Parse("""{ "plain": "q", "all": [true, { "x": 1 }], "deep": { "a": 1 } }""");
                metadata.Merge("n", json.RootElement);
                Assert.Throws<InvalidOperationException>(() => metadata.Append("n", "plain", true));
                seen = $"{metadata.GetList("n", "list")!.Count} {metadata.GetList("n", "all")![1] is null} {metadata.GetText("n", "plain")} {metadata.GetList("n", "deep") is null} {f.Context.BodyLimit > 0}";
                return FilterAction.Continue;
            },
        };
        using var upstream = RawUpstream.Answering(Response("up"));
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));
        Assert.Equal("2 True q True True", seen);
    }
}
