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

    /// <summary>What makes a server reset a stream whose client has asked for work (CVE-2025-8671); the stream's number is filled in.</summary>
    public static TheoryData<string, byte[]> Provocations => new()
    {
        { "a window that grows by nothing", Http2Frames.Frame(FrameType.WindowUpdate, 0, 0, [0, 0, 0, 0]) },
        { "a window that overflows", Http2Frames.Frame(FrameType.WindowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff]) },
        { "a stream that depends on itself", Http2Frames.Frame(FrameType.Priority, 0, 0, [0, 0, 0, 0]) },
        { "trailers without an end", Http2Frames.Frame(FrameType.Headers, 4, 0, Http2Frames.Block(("x", "y"))) },
        { "trailers that frame", Http2Frames.Frame(FrameType.Headers, 5, 0, Http2Frames.Block(("content-length", "1"))) },
        { "a pseudo-header field in trailers", Http2Frames.Frame(FrameType.Headers, 5, 0, Http2Frames.Block((":path", "/"))) },
        { "more than was announced", Http2Frames.Frame(FrameType.Data, 0, 0, [1, 2, 3, 4]) },
        { "less than was announced", Http2Frames.Frame(FrameType.Data, 1, 0, [1]) },
    };

    [Theory]
    [MemberData(nameof(Provocations))]
    public async Task Streams_that_are_begun_to_be_reset_end_the_connection(string what, byte[] frame)
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);
        byte[] block = Http2Frames.Block([.. Http2Frames.Post, ("content-length", "3")]);
        byte[] flood = [.. Enumerable.Range(0, 2000).SelectMany(i =>
        {
            byte[] provocation = (byte[])frame.Clone();
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(provocation.AsSpan(5), (2 * i) + 1);
            return (byte[])[.. Http2Frames.Frame(FrameType.Headers, 4, (2 * i) + 1, block), .. provocation];
        })];

        var sent = Ignore(client.SendBytesAsync(flood));

        Assert.True("GOAWAY EnhanceYourCalm" == await client.EndOfAsync(-1), what);
        await sent;
        Assert.True(_proxy.Stats.Http2Downstream.Streams < 1000, what);
    }

    [Theory]
    [InlineData("3fe21f")]
    [InlineData("82863f00")]
    [InlineData("3f")]
    [InlineData("ff80808080808080808001")]
    [InlineData("c0")]
    [InlineData("80")]
    public async Task Tables_that_were_not_agreed_on_end_the_connection(string block)
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);

        await client.SendAsync(FrameType.Headers, 5, 1, Convert.FromHexString(block));

        Assert.Equal("GOAWAY Compression", await client.EndOfAsync(1));
    }

    [Fact]
    public async Task A_table_that_shrinks_and_grows_without_end_costs_no_more_than_its_bytes()
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);
        // 0 and 4,096 in turn, 5,000 times, before a request that is good.
        byte[] games = [.. Enumerable.Repeat((byte[])[0x20, 0x3f, 0xe1, 0x1f], 2500).SelectMany(bytes => bytes)];

        await client.SendAsync(FrameType.Headers, 5, 1, [.. games, .. Http2Frames.Block(Http2Frames.Get)]);

        Assert.Equal("200", await client.EndOfAsync(1));
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
    [InlineData(":method")]
    [InlineData(":scheme")]
    [InlineData(":path")]
    [InlineData(":authority")]
    public async Task A_request_without_one_of_its_pseudo_header_fields_is_reset(string name)
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);

        await client.SendHeadersAsync(1, 5, [.. Http2Frames.Get.Where(field => field.Item1 != name)]);

        Assert.Equal("RST Protocol", await client.EndOfAsync(1));
    }

    [Theory]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("content-length", "0")]
    [InlineData("host", "x")]
    [InlineData("connection", "close")]
    [InlineData("te", "gzip")]
    [InlineData("a\r\nb", "x")]
    [InlineData("a", "b\r\nc: d")]
    [InlineData("a:b", "x")]
    [InlineData("Upper", "x")]
    [InlineData(":method", "GET")]
    public async Task Trailers_that_would_mean_something_else_in_HTTP_1_are_reset(string name, string value)
    {
        using var client = await Http2Frames.ConnectAsync(_proxy.Port);

        await client.SendHeadersAsync(1, 4, Http2Frames.Post);
        await client.SendAsync(FrameType.Data, 0, 1, "abc"u8.ToArray());
        await client.SendHeadersAsync(1, 5, (name, value));

        Assert.Equal("RST Protocol", await client.EndOfAsync(1));
        await Eventually.HoldsAsync(() => _proxy.Stats.StreamsActive == 0);
        Assert.DoesNotContain("\r\n0\r\n", _upstream.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_frame_after_END_STREAM_is_an_error_of_a_closed_stream(int type)
    {
        using var silent = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
            }
        });
        await using var proxy = await TestProxy.StartAsync([silent.Address], protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 5, Http2Frames.Get);
        await client.SendAsync((FrameType)type, 5, 1, type == 0 ? [1] : Http2Frames.Block(("x", "y")));

        Assert.Equal("RST StreamClosed", await client.EndOfAsync(1));
        await client.SendAsync(FrameType.Ping, 0, 0, new byte[8]);
        _ = await client.ReadAsync(FrameType.Ping);
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
        await using var proxy = await TestProxy.StartAsync([_upstream.Address], extendConfig: "\"send_timeout\":\"2s\"", protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port, "000400000000");

        await client.SendHeadersAsync(1, 5, Http2Frames.Get);

        Assert.Equal("RST Cancel", await client.EndOfAsync(1));
    }

    [Fact]
    public async Task A_window_of_the_connection_that_stays_shut_does_not_hold_its_streams_for_ever()
    {
        using var large = RawUpstream.Answering($"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{new string('x', 100_000)}");
        await using var proxy = await TestProxy.StartAsync([large.Address], extendConfig: "\"send_timeout\":\"2s\"", protocol: "Auto");
        // Streams may have a megabyte, the connection what RFC 9113 begins with.
        using var client = await Http2Frames.ConnectAsync(proxy.Port, "000400100000");

        await client.SendHeadersAsync(1, 5, Http2Frames.Get);

        Assert.Equal("RST Cancel", await client.EndOfAsync(1));
        Assert.Equal(1, proxy.Stats.Http2Downstream.ConnectionWindowsShut);
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
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
