using Outrider.Http.V2.Framing;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http.V2;

/// <summary>What hostile clients send, and with what it ends: floods with GOAWAY (ENHANCE_YOUR_CALM), all else with the error that RFC 9113 names.</summary>
public sealed class Http2AttackTests : IAsyncLifetime
{
    private readonly RawUpstream _upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    private TestProxy _proxy = null!;

    public async Task InitializeAsync() => _proxy = await TestProxy.StartAsync([_upstream.Address], protocol: "Auto");

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _upstream.Dispose();
    }

    [Theory]
    [InlineData(6, 0, 0, "0000000000000000")]
    [InlineData(4, 0, 0, "")]
    [InlineData(4, 1, 0, "")]
    [InlineData(2, 0, 1, "0000000301")]
    [InlineData(8, 0, 0, "00000001")]
    [InlineData(8, 0, 1, "00000001")]
    [InlineData(0, 0, 1, "")]
    [InlineData(77, 0, 0, "00")]
    public async Task A_flood_of_frames_about_nothing_ends_the_connection(int type, int flags, int stream, string payload)
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);
        await client.SendHeadersAsync(1, 4, Http2Frames.Post);
        byte[] frame = Http2Frames.Frame((FrameType)type, flags, stream, Convert.FromHexString(payload));
        byte[] flood = [.. Enumerable.Repeat(frame, 5000).SelectMany(bytes => bytes)];

        var sent = Ignore(client.SendBytesAsync(flood));

        Assert.Equal("GOAWAY EnhanceYourCalm", await client.EndOfAsync(99));
        await sent;
    }

    [Fact]
    public async Task Rapid_reset_ends_the_connection()
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);
        byte[] flood = [.. Enumerable.Range(0, 2000).SelectMany(i => (byte[])[
            .. Http2Frames.Frame(FrameType.Headers, 5, (2 * i) + 1, Http2Frames.Block(Http2Frames.Get)),
            .. Http2Frames.Frame(FrameType.ResetStream, 0, (2 * i) + 1, [0, 0, 0, 8])])];

        var sent = Ignore(client.SendBytesAsync(flood));

        Assert.Equal("GOAWAY EnhanceYourCalm", await client.EndOfAsync(-1));
        await sent;
    }

    [Fact]
    public async Task Streams_that_make_us_reset_them_end_the_connection()
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);
        byte[] flood = [.. Enumerable.Range(0, 2000).SelectMany(i => (byte[])[
            .. Http2Frames.Frame(FrameType.Headers, 4, (2 * i) + 1, Http2Frames.Block(Http2Frames.Post)),
            .. Http2Frames.Frame(FrameType.WindowUpdate, 0, (2 * i) + 1, [0, 0, 0, 0])])];

        var sent = Ignore(client.SendBytesAsync(flood));

        Assert.Equal("GOAWAY EnhanceYourCalm", await client.EndOfAsync(-1));
        await sent;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task A_row_of_CONTINUATION_without_end_ends_the_connection(int size)
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);
        await client.SendHeadersAsync(1, 0, Http2Frames.Get);
        byte[] frame = Http2Frames.Frame(FrameType.Continuation, 0, 1, new byte[size]);

        var sent = Ignore(client.SendBytesAsync((byte[])[.. Enumerable.Repeat(frame, 3000).SelectMany(bytes => bytes)]));

        Assert.Equal("GOAWAY EnhanceYourCalm", await client.EndOfAsync(1));
        await sent;
    }

    [Fact]
    public async Task A_small_block_that_means_a_huge_head_is_refused_and_the_connection_lives()
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);
        // A field of 4,000 bytes is remembered, and then said 5,000 times in a byte each.
        byte[] big = [0x40, 1, (byte)'a', 0x7f, 0xa1, 0x1e, .. Enumerable.Repeat((byte)'b', 4000)];
        await client.SendAsync(FrameType.Headers, 5, 1, [.. Http2Frames.Block(Http2Frames.Get), .. big, .. Enumerable.Repeat((byte)0xbe, 5000)]);
        Assert.Equal("431", await client.EndOfAsync(1));

        await client.SendHeadersAsync(3, 5, Http2Frames.Get);
        Assert.Equal("200", await client.EndOfAsync(3));
    }

    public static TheoryData<string, string> Malformed => new()
    {
        { "Upper", "x" },
        { "a b", "x" },
        { "a:b", "x" },
        { "a\r\nb", "x" },
        { "", "x" },
        { "a", "b\r\nc: d" },
        { "a", "b\0c" },
        { "a", "b\nc" },
        { "a", " b" },
        { "transfer-encoding", "chunked" },
        { "connection", "close" },
        { "keep-alive", "1" },
        { "proxy-connection", "close" },
        { "upgrade", "websocket" },
        { "te", "gzip" },
        { "host", "other" },
        { "content-length", "5" },
        { "content-length", "+1" },
        { ":method", "POST" },
        { ":path", "/late" },
        { ":unknown", "x" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_request_that_would_mean_something_else_in_HTTP_1_is_reset(string name, string value)
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);

        await client.SendHeadersAsync(1, 5, [.. Http2Frames.Get, (name, value)]);

        Assert.Equal("RST Protocol", await client.EndOfAsync(1));
        Assert.Equal("", _upstream.Received);
    }

    [Theory]
    [InlineData(":method", "GET / HTTP/1.1\r\nx: y")]
    [InlineData(":method", "GE T")]
    [InlineData(":path", "/a b")]
    [InlineData(":path", "/a#b")]
    [InlineData(":path", "/ HTTP/1.1\r\nx: y")]
    [InlineData(":path", "")]
    [InlineData(":path", "http://other/")]
    [InlineData(":authority", "x\r\ny")]
    [InlineData(":authority", "user@x")]
    [InlineData(":scheme", "ht tp")]
    public async Task A_pseudo_header_field_that_is_not_one_is_reset(string name, string value)
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);

        await client.SendHeadersAsync(1, 5, [.. Http2Frames.Get.Select(field => field.Item1 == name ? (name, value) : field)]);

        Assert.Equal("RST Protocol", await client.EndOfAsync(1));
        Assert.Equal("", _upstream.Received);
    }

    [Fact]
    public async Task A_body_that_is_not_as_long_as_announced_is_reset()
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);

        await client.SendHeadersAsync(1, 4, [.. Http2Frames.Post, ("content-length", "5")]);
        await client.SendAsync(FrameType.Data, 1, 1, "abc"u8.ToArray());
        Assert.Equal("RST Protocol", await client.EndOfAsync(1));

        await client.SendHeadersAsync(3, 4, [.. Http2Frames.Post, ("content-length", "2")]);
        await client.SendAsync(FrameType.Data, 0, 3, "abc"u8.ToArray());
        Assert.Equal("RST Protocol", await client.EndOfAsync(3));

        await client.SendHeadersAsync(5, 4, Http2Frames.Post);
        await client.SendHeadersAsync(5, 4, ("x", "trailers without an end"));
        Assert.Equal("RST Protocol", await client.EndOfAsync(5));
    }

    [Fact]
    public async Task Windows_that_overflow_and_a_window_that_is_not_kept_are_errors()
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);
        await client.SendHeadersAsync(1, 4, Http2Frames.Post);
        await client.SendAsync(FrameType.WindowUpdate, 0, 1, [0x7f, 0xff, 0xff, 0xff]);
        Assert.Equal("RST FlowControl", await client.EndOfAsync(1));

        await client.SendAsync(FrameType.WindowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff]);
        Assert.Equal("GOAWAY FlowControl", await client.EndOfAsync(3));
    }

    [Fact]
    public async Task A_window_that_stays_shut_does_not_hold_a_stream_for_ever()
    {
        await using var proxy = await TestProxy.StartAsync([_upstream.Address], extendConfig: "\"send_timeout\":\"200ms\"", protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port, "000400000000");

        await client.SendHeadersAsync(1, 5, Http2Frames.Get);

        Assert.Equal("RST Cancel", await client.EndOfAsync(1));
    }

    [Fact]
    public async Task More_streams_than_allowed_are_refused()
    {
        using var silent = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
            }
        });
        await using var proxy = await TestProxy.StartAsync([silent.Address], extendConfig: "\"Http2\":{\"max_concurrent_streams\":2}", protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 5, Http2Frames.Get);
        await client.SendHeadersAsync(3, 5, Http2Frames.Get);
        await client.SendHeadersAsync(5, 5, Http2Frames.Get);

        Assert.Equal("RST RefusedStream", await client.EndOfAsync(5));
    }

    // The proxy stops reading somewhere in a flood.
    private static async Task Ignore(Task sent)
    {
        try
        {
            await sent;
        }
        catch (System.Net.Sockets.SocketException)
        {
        }
    }
}
