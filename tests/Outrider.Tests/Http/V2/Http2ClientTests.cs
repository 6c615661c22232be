using System.Buffers.Binary;
using System.Text;
using Outrider.Http.Rules;
using Outrider.Http.V2;
using Outrider.Http.V2.Client;
using Outrider.Http.V2.Framing;
using Outrider.Tests.Harness;
using Outrider.Tests.Net;

namespace Outrider.Tests.Http.V2;

/// <summary>The client against a server that sends whatever it is told to.</summary>
public sealed class Http2ClientTests : IClassFixture<LoopFixture>, IDisposable
{
    // :status 200 and :status 404, from the static table.
    private const string Ok = "88", NotFound = "8d";
    private const int EndStream = 1, EndHeaders = 4, Padded = 8, Priority = 32;

    private readonly Http2Peer _peer = new();
    private readonly CodecClient _client;

    public Http2ClientTests(LoopFixture fixture) => _client = new CodecClient(fixture.Loop, Http2UpstreamCodec.Instance);

    public void Dispose()
    {
        _client.OnLoopAsync(_client.Connection.Transport.Close).Wait();
        _peer.Dispose();
    }

    [Fact]
    public async Task A_response_comes_with_head_body_and_trailers()
    {
        var exchange = await BeginAsync();

        await _peer.SendAsync(FrameType.Headers, EndHeaders, 1, Ok + Field("a", "b"));
        await _peer.SendAsync(FrameType.Data, 0, 1, Bytes("some "));
        await _peer.SendAsync(FrameType.Data, 0, 1, Bytes("words"));
        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 1, Field("sum", "7"));

        Assert.Equal("200 a=b; trailers sum=7; some words", await exchange.Told);
        Assert.Equal(0, _client.Connection.ActiveExchanges);
    }

    [Fact]
    public async Task Padding_priority_continuation_unknown_frames_and_settings_change_nothing()
    {
        var exchange = await BeginAsync("00aa00000001" + "000600001000");

        await _peer.SendAsync((FrameType)0xbb, 0xff, 1, "0102");
        await _peer.SendAsync(FrameType.Priority, 0, 1, "0000000010");
        // Two bytes of padding, and a priority before the fields.
        await _peer.SendAsync(FrameType.Headers, Padded | Priority, 1, "02" + "0000000010" + Ok + "0000");
        await _peer.SendAsync(FrameType.Continuation, 0, 1, Field("a", "b")[..4]);
        await _peer.SendAsync(FrameType.Continuation, EndHeaders, 1, Field("a", "b")[4..]);
        await _peer.SendAsync(FrameType.Data, Padded, 1, "03" + Bytes("one") + "000000");
        await _peer.SendAsync(FrameType.Data, Padded | EndStream, 1, "00" + Bytes("two"));

        Assert.Equal("200 a=b; onetwo", await exchange.Told);
    }

    [Fact]
    public async Task Informational_heads_come_before_the_response()
    {
        var exchange = await BeginAsync();

        await _peer.SendAsync(FrameType.Headers, EndHeaders, 1, Field(":status", "103") + Field("link", "x"));
        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 1, NotFound);

        Assert.Equal("103; 404", await exchange.Told);
    }

    [Fact]
    public async Task Frames_may_arrive_byte_by_byte()
    {
        var exchange = await BeginAsync();
        const string frames = "000006010400000001" + "880001610162" + "000003000000000001" + "6f6e65" + "000005010500000001" + "0001610162";

        foreach (char[] pair in frames.Chunk(2))
        {
            await _peer.SendBytesAsync(new string(pair));
            await Task.Yield();
        }

        Assert.Equal("200 a=b; trailers a=b; one", await exchange.Told);
    }

    [Fact]
    public async Task The_answer_to_HEAD_has_a_length_and_no_body()
    {
        var exchange = await BeginAsync(method: "HEAD");

        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 1, Ok + "0f0d0135");

        Assert.Equal("200 content-length=5", await exchange.Told);
    }

    [Fact]
    public async Task Pings_and_settings_are_answered()
    {
        var exchange = await BeginAsync();
        Assert.Equal(1, (int)(await _peer.ReadAsync(FrameType.Settings))!.Value.Head.Flags);

        await _peer.SendAsync(FrameType.Ping, 0, 0, "0102030405060708");

        var (head, payload) = (await _peer.ReadAsync(FrameType.Ping))!.Value;
        Assert.Equal((1, 0), ((int)head.Flags, head.StreamId));
        Assert.Equal(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, payload);
        await _peer.SendAsync(FrameType.Ping, 1, 0, "0102030405060708");
        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 1, Ok);
        Assert.Equal("200", await exchange.Told);
    }

    [Fact]
    public async Task Windows_hold_a_body_back_until_the_server_opens_them()
    {
        // A stream's window of 10 bytes.
        var exchange = await BeginAsync("00040000000a", body: Encoding.ASCII.GetBytes(new string('x', 65_600)));
        Assert.Equal(10, await ReadBodyAsync(10));

        await _peer.SendAsync(FrameType.WindowUpdate, 0, 1, "00000005");
        Assert.Equal(5, await ReadBodyAsync(5));
        // A larger first window counts for streams that run (RFC 9113 §6.9.2).
        await _peer.SendAsync(FrameType.Settings, 0, 0, "00040000001e");
        Assert.Equal(20, await ReadBodyAsync(20));
        // Then the connection's window of 65,535 is what limits.
        await _peer.SendAsync(FrameType.WindowUpdate, 0, 1, "00100000");
        Assert.Equal(65_500, await ReadBodyAsync(65_500));
        await _peer.SendAsync(FrameType.WindowUpdate, 0, 0, "00001000");
        Assert.Equal(65, await ReadBodyAsync(65));

        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 1, Ok);
        Assert.Equal("200", await exchange.Told);
    }

    [Fact]
    public async Task An_answer_before_the_whole_request_was_sent_ends_both()
    {
        var exchange = await BeginAsync("00040000000a", body: new byte[1000]);
        Assert.Equal(10, await ReadBodyAsync(10));

        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 1, NotFound);

        Assert.Equal("404", await exchange.Told);
        Assert.Equal(Http2Error.Cancel, Code((await _peer.ReadAsync(FrameType.ResetStream))!.Value.Payload));
    }

    [Fact]
    public async Task No_more_streams_begin_than_the_server_allows()
    {
        var first = await BeginAsync("000300000001");
        var second = new NotedExchange();
        // The setting is there when its acknowledgement is.
        _ = await _peer.ReadAsync(FrameType.Settings);
        var sending = _client.SendAsync(second);
        Assert.Equal(0, _client.Connection.FreeSlots);

        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 1, Ok);
        Assert.Equal("200", await first.Told);
        _ = await sending;
        while ((await _peer.ReadAsync(FrameType.Headers))!.Value.Head.StreamId != 3)
        {
        }

        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 3, NotFound);

        Assert.Equal("404", await second.Told);
    }

    [Fact]
    public async Task A_cancelled_stream_is_reset_and_what_still_comes_for_it_is_ignored()
    {
        var exchange = await BeginAsync();
        await _client.OnLoopAsync(() => Last!.Cancel());
        Assert.Equal(Http2Error.Cancel, Code((await _peer.ReadAsync(FrameType.ResetStream))!.Value.Payload));

        // Its fields go into the table all the same: the next block builds on them.
        await _peer.SendAsync(FrameType.Headers, EndHeaders, 1, Ok + "4001610162");
        await _peer.SendAsync(FrameType.Data, EndStream, 1, Bytes("late"));
        var next = new NotedExchange();
        _ = await _client.SendAsync(next);
        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 3, Ok + "be");

        Assert.Equal("200 a=b", await next.Told);
        Assert.False(exchange.Told.IsCompleted);
    }

    [Theory]
    [InlineData("00000008", "StreamReset Cancel unsent=False")]
    [InlineData("00000007", "StreamReset RefusedStream unsent=True")]
    public async Task A_stream_that_the_server_resets_fails_alone(string code, string told)
    {
        var exchange = await BeginAsync();
        var other = new NotedExchange();
        _ = await _client.SendAsync(other);

        await _peer.SendAsync(FrameType.ResetStream, 0, 1, code);
        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 3, Ok);

        Assert.Equal(told, await exchange.Told);
        Assert.Equal("200", await other.Told);
    }

    [Fact]
    public async Task A_server_that_goes_away_finishes_what_it_took_and_the_rest_may_be_sent_again()
    {
        var taken = await BeginAsync();
        var refused = new NotedExchange();
        _ = await _client.SendAsync(refused);

        await _peer.SendAsync(FrameType.GoAway, 0, 0, "00000001" + "00000000");

        Assert.Equal("StreamReset RefusedStream unsent=True", await refused.Told);
        Assert.True(_client.HasGoneAway);
        Assert.Equal(0, _client.Connection.FreeSlots);
        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 1, Ok);
        Assert.Equal("200", await taken.Told);
        Assert.Equal("", await _client.Closed);
    }

    [Fact]
    public async Task A_connection_that_breaks_fails_its_streams()
    {
        var exchange = await BeginAsync();

        _peer.Dispose();

        Assert.StartsWith("PeerClosed", await exchange.Told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("000005010500000001" + "0001610162", "no :status")]
    [InlineData("000003000100000001" + "616263", "DATA before the head")]
    [InlineData("000006010500000001" + "8800014101" + "62", "a name in capitals")]
    [InlineData("000007010500000001" + "000261 3a 0162 88", "a colon in a name, and :status after a field")]
    [InlineData("000002010500000001" + "8888", ":status twice")]
    [InlineData("000002010500000001" + "8882", ":method in a response")]
    [InlineData("00000f010500000001" + "88000a636f6e6e656374696f6e0161", "a field of the connection")]
    [InlineData("000006010500000001" + "88 0001610 10a", "a line end in a value")]
    [InlineData("00000401040000000188 5c0135 000003000100000001616263", "a body shorter than content-length")]
    [InlineData("00000401040000000188 5c0131 000003000000000001616263", "a body longer than content-length")]
    [InlineData("00000401050000000188 5c0135", "no body at all, with a content-length")]
    [InlineData("00000701040000000188 5c0135 5c0136 0000050001000000016162636465", "two content-lengths")]
    [InlineData("00000501040000000188 5c022b35 0000050001000000016162636465", "a content-length with a sign")]
    [InlineData("000001010400000001 88 0000050104000000010001610162", "trailers that do not end the stream")]
    [InlineData("0000050104000000010803313031", "101, which HTTP/2 does not have")]
    public async Task A_malformed_response_fails_its_stream_alone(string frames, string because)
    {
        var exchange = await BeginAsync();
        var other = new NotedExchange();
        _ = await _client.SendAsync(other);

        await _peer.SendBytesAsync(frames.Replace(" ", "", StringComparison.Ordinal));

        Assert.True(await exchange.Told == "ProtocolError None unsent=False", because);
        Assert.Equal(1, (await _peer.ReadAsync(FrameType.ResetStream))!.Value.Head.StreamId);
        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 3, Ok);
        Assert.Equal("200", await other.Told);
    }

    [Theory]
    [InlineData("000000060000000000", Http2Error.FrameSize, "PING without its eight bytes")]
    [InlineData("000008060000000001" + "0000000000000000", Http2Error.Protocol, "PING on a stream")]
    [InlineData("000005040000000000" + "0000000000", Http2Error.FrameSize, "SETTINGS that are no multiple of six")]
    [InlineData("000001040100000000" + "00", Http2Error.FrameSize, "an acknowledgement with a payload")]
    [InlineData("000006040000000000" + "000480000000", Http2Error.FlowControl, "a window of 2^31")]
    [InlineData("000006040000000000" + "000500000001", Http2Error.Protocol, "frames of one byte")]
    [InlineData("000006040000000000" + "000200000001", Http2Error.Protocol, "a server that wants pushes")]
    [InlineData("000004080000000000" + "00000000", Http2Error.Protocol, "a window that grows by nothing")]
    [InlineData("000004080000000000" + "7fffffff", Http2Error.FlowControl, "a window beyond all numbers")]
    [InlineData("000003080000000000" + "000001", Http2Error.FrameSize, "WINDOW_UPDATE of three bytes")]
    [InlineData("000003030000000001" + "000001", Http2Error.FrameSize, "RST_STREAM of three bytes")]
    [InlineData("000004030000000000" + "00000001", Http2Error.Protocol, "RST_STREAM of the connection")]
    [InlineData("000004050400000001" + "00000002", Http2Error.Protocol, "a push")]
    [InlineData("000001010400000002" + "88", Http2Error.Protocol, "a stream of the server's")]
    [InlineData("000001010400000005" + "88", Http2Error.Protocol, "a stream that nobody began")]
    [InlineData("000001010400000000" + "88", Http2Error.Protocol, "HEADERS on the connection")]
    [InlineData("000001000000000000" + "88", Http2Error.Protocol, "DATA on the connection")]
    [InlineData("000001090400000001" + "88", Http2Error.Protocol, "CONTINUATION of nothing")]
    [InlineData("00000101000000000188" + "000008060000000000" + "0000000000000000", Http2Error.Protocol, "a header block that is interrupted")]
    [InlineData("00000101000000000188" + "000000090000000001", Http2Error.EnhanceYourCalm, "an empty CONTINUATION")]
    [InlineData("000001010400000001" + "80", Http2Error.Compression, "a field with the index 0")]
    [InlineData("000003000800000001" + "056161", Http2Error.Protocol, "more padding than frame")]
    [InlineData("000003012400000001" + "000000", Http2Error.FrameSize, "a priority that is cut off")]
    [InlineData("004001000000000001", Http2Error.FrameSize, "a frame of 16,385 bytes")]
    [InlineData("000004070000000000" + "00000000", Http2Error.FrameSize, "GOAWAY without a reason")]
    public async Task A_server_that_breaks_the_protocol_is_told_so_and_left(string frames, Http2Error code, string because)
    {
        var exchange = await BeginAsync();

        await _peer.SendBytesAsync(frames);

        var farewell = await _peer.ReadAsync(FrameType.GoAway);
        Assert.True(farewell is { } f && Code(f.Payload.AsSpan(4)) == code, because);
        Assert.StartsWith("ProtocolError", await exchange.Told, StringComparison.Ordinal);
        Assert.Contains(code.ToString(), await _client.Closed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_frame_must_be_settings()
    {
        var connecting = _client.ConnectAsync(_peer.EndPoint);
        await _peer.AcceptAsync(settings: null);
        await connecting;

        await _peer.SendBytesAsync("0000010000000000000000");

        Assert.NotNull(await _peer.ReadAsync(FrameType.GoAway));
        Assert.NotEqual("", await _client.Closed);
    }

    [Fact]
    public async Task What_is_not_HTTP_2_ends_the_connection_at_once()
    {
        var connecting = _client.ConnectAsync(_peer.EndPoint);
        await _peer.AcceptAsync(settings: null);
        await connecting;

        await _peer.SendBytesAsync("485454502f312e3120343030204261642052657175657374");

        Assert.Contains("does not speak HTTP/2", await _client.Closed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Heads_have_a_limit_in_fields_and_in_bytes()
    {
        var many = await BeginAsync(limits: new HttpLimits { MaxHeaderCount = 3, MaxHeaderBytes = 1000 });
        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 1, Ok + string.Concat(Enumerable.Repeat(Field("a", "b"), 4)));
        Assert.StartsWith("ProtocolError", await many.Told, StringComparison.Ordinal);

        var large = new NotedExchange();
        _ = await _client.SendAsync(large);
        await _peer.SendAsync(FrameType.Headers, 0, 3, Ok);
        for (int i = 0; i < 9; i++)
        {
            await _peer.SendAsync(FrameType.Continuation, 0, 3, Field("a", new string('x', 120)));
        }

        Assert.Equal(Http2Error.EnhanceYourCalm, Code((await _peer.ReadAsync(FrameType.GoAway))!.Value.Payload.AsSpan(4)));
        Assert.StartsWith("ProtocolError", await large.Told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_sends_more_than_the_window_is_left()
    {
        var exchange = await BeginAsync();
        await _peer.SendAsync(FrameType.Headers, EndHeaders, 1, Ok);
        var other = new NotedExchange();
        _ = await _client.SendAsync(other);

        // On a stream that nobody wants any more no window grows: a megabyte, and what is more is too much.
        await _client.OnLoopAsync(() => Last!.Cancel());
        for (int i = 0; i < 100; i++)
        {
            await _peer.SendAsync(FrameType.Data, 0, 1, new byte[16384]);
        }

        // The connection's window does.
        await _peer.SendAsync(FrameType.Headers, EndHeaders | EndStream, 3, Ok);
        Assert.Equal("200", await other.Told);
        Assert.False(exchange.Told.IsCompleted);
    }

    private Outrider.Http.Streams.IExchange? Last { get; set; }

    private static string Bytes(string text) => Convert.ToHexString(Encoding.Latin1.GetBytes(text));

    // Literal, without a place in the table.
    private static string Field(string name, string value) => "00" + $"{name.Length:x2}" + Bytes(name) + (value.Length < 127 ? $"{value.Length:x2}" : throw new ArgumentException(value)) + Bytes(value);

    private static Http2Error Code(ReadOnlySpan<byte> payload) => (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload);

    // Connects and sends a first request, which is stream 1.
    private async Task<NotedExchange> BeginAsync(string settings = "", byte[]? body = null, HttpLimits? limits = null, string? method = null)
    {
        var connecting = _client.ConnectAsync(_peer.EndPoint, limits);
        await _peer.AcceptAsync(settings);
        await connecting;
        // Ours first, then the answer to theirs: from here on they hold.
        _ = await _peer.ReadAsync(FrameType.Settings);
        var exchange = new NotedExchange();
        if (settings.Length > 0 && body is not null)
        {
            _ = await _peer.ReadAsync(FrameType.Settings);
        }

        Last = await _client.SendAsync(exchange, body: body, method: method);
        return exchange;
    }

    private async Task<int> ReadBodyAsync(int atLeast)
    {
        int count = 0;
        while (count < atLeast)
        {
            count += (await _peer.ReadAsync(FrameType.Data))!.Value.Payload.Length;
        }

        return count;
    }
}
