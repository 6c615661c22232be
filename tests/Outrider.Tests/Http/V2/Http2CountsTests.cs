using System.Text.Json;
using Outrider.Http.V2.Framing;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http.V2;

/// <summary>What <c>/metrics</c> and the admin API say of HTTP/2.</summary>
public sealed class Http2CountsTests
{
    [Fact]
    public async Task Streams_resets_GOAWAYs_and_windows_that_block_are_counted_on_both_sides()
    {
        using var peer = new Http2Peer();
        await using var proxy = await TestProxy.StartAsync([peer.EndPoint.ToString()], protocol: "Http2", upstreamProtocol: "Http2");
        // A stream's window of two bytes.
        using var client = await Http2Frames.ConnectAsync(proxy.Port, "000400000002");
        await client.SendHeadersAsync(1, 5, Http2Frames.Get);
        await peer.AcceptAsync();
        _ = await peer.ReadAsync(FrameType.Headers);
        await peer.SendAsync(FrameType.Headers, 4, 1, "88");
        await peer.SendAsync(FrameType.Data, 0, 1, "616263");
        await Eventually.HoldsAsync(() => proxy.Stats.Http2Downstream.StreamWindowsShut == 1);
        await client.SendAsync(FrameType.ResetStream, 0, 1, [0, 0, 0, 8]);
        Assert.Equal("00000008", Convert.ToHexString((await peer.ReadAsync(FrameType.ResetStream))!.Value.Payload));
        await client.SendHeadersAsync(3, 5, Http2Frames.Get);
        _ = await peer.ReadAsync(FrameType.Headers);
        await peer.SendAsync(FrameType.Headers, 4, 3, "88");
        await peer.SendAsync(FrameType.ResetStream, 0, 3, "000000ff");
        Assert.Equal("RST Internal", await client.EndOfAsync(3));
        await peer.SendAsync(FrameType.GoAway, 0, 0, "0000000300000000");
        await client.SendAsync(FrameType.Ping, 0, 1, new byte[8]);
        Assert.Equal("GOAWAY Protocol", await client.EndOfAsync(1));
        await Eventually.HoldsAsync(() => proxy.Stats.Http2Upstream.GoAwaysReceived == 1);

        using var http = new HttpClient();
        string[] wanted =
        [
            """outrider_http2_streams_total{side="downstream"} 2""",
            """outrider_http2_streams_total{side="upstream"} 2""",
            """outrider_http2_resets_total{side="downstream",direction="received",reason="CANCEL"} 1""",
            """outrider_http2_resets_total{side="downstream",direction="sent",reason="INTERNAL_ERROR"} 1""",
            """outrider_http2_resets_total{side="upstream",direction="sent",reason="CANCEL"} 1""",
            """outrider_http2_resets_total{side="upstream",direction="received",reason="OTHER"} 1""",
            """outrider_http2_goaways_total{side="downstream",direction="sent"} 1""",
            """outrider_http2_goaways_total{side="upstream",direction="received"} 1""",
            """outrider_http2_windows_shut_total{side="downstream",window="stream"} 1""",
            """outrider_http2_windows_shut_total{side="downstream",window="connection"} 0""",
        ];
        await Eventually.PassesAsync(async () =>
        {
            string metrics = await http.GetStringAsync($"http://{proxy.AdminEndPoint}/metrics");
            Assert.All(wanted, line => Assert.Contains(line + "\n", metrics, StringComparison.Ordinal));
        });
        using var stats = JsonDocument.Parse(await http.GetStringAsync($"http://{proxy.AdminEndPoint}/api/v1/stats?key=http2.downstream"));
        var group = stats.RootElement.GetProperty("http2").GetProperty("downstream");
        Assert.Equal(("2", "1", "1"), (group.GetProperty("stream_total").GetString(), group.GetProperty("reset_received_cancel").GetString(), group.GetProperty("goaway_sent").GetString()));
    }
}
