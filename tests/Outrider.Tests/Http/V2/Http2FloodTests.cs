using System.Buffers.Binary;
using System.Diagnostics;
using Outrider.Http.V2;
using Outrider.Http.V2.Framing;
using Outrider.Tests.Harness;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Http.V2;

/// <summary>
/// Floods end by what was counted and not by what time they took: so many frames, streams, bytes and requests to upstreams, in clear text and in TLS, and what the loop
/// allocates meanwhile. The numbers are those of docs/http2.md; a slow machine gives an attacker what its seconds fill up.
/// </summary>
public sealed class Http2FloodTests : IAsyncLifetime, IDisposable
{
    private const int Frames = 1000;
    private const int FramesPerSecond = 100;
    private const int Streams = 200;
    private const int StreamsPerSecond = 20;
    private const int Batch = 50;
    private const int LargeBody = 200_000;

    // What a loop may allocate for one connection and for what it serves of it; what a flood of any length would do without a limit is many times that.
    private const long MaxAllocated = 4 << 20;

    private static readonly byte[] s_question = "question"u8.ToArray();

    private readonly TlsLab _lab = new();
    private readonly RawUpstream _upstream;
    private int _asked;
    private TestProxy _clear = null!;
    private TestProxy _secured = null!;

    public Http2FloodTests() => _upstream = new RawUpstream(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            _ = Interlocked.Increment(ref _asked);
            string body = new('x', request.StartsWith("GET /large ", StringComparison.Ordinal) ? LargeBody : 2);
            await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {body.Length}\r\n\r\n{body}");
        }
    })
    {
        Remembers = false,
    };

    public async Task InitializeAsync()
    {
        _clear = await TestProxy.StartAsync([_upstream.Address], protocol: "Auto");
        _secured = await _lab.StartAsync([_upstream.Address], protocol: "Auto");
    }

    public async Task DisposeAsync()
    {
        await _clear.DisposeAsync();
        await _secured.DisposeAsync();
    }

    public void Dispose()
    {
        _upstream.Dispose();
        _lab.Dispose();
    }

    /// <summary>Frames that cost work and bring no request forward: what each is about, and its bytes.</summary>
    public static TheoryData<string, byte[], bool> Idle
    {
        get
        {
            var data = new TheoryData<string, byte[], bool>();
            foreach (bool tls in (bool[])[false, true])
            {
                data.Add("PING (CVE-2019-9512)", Http2Frames.Frame(FrameType.Ping, 0, 0, new byte[8]), tls);
                data.Add("SETTINGS (CVE-2019-9515)", Http2Frames.Frame(FrameType.Settings, 0, 0, []), tls);
                data.Add("SETTINGS that change every stream's window", Http2Frames.Frame(FrameType.Settings, 0, 0, [0, 4, 0, 0, 0x10, 0]), tls);
                data.Add("SETTINGS that change the table", Http2Frames.Frame(FrameType.Settings, 0, 0, [0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0x10, 0]), tls);
                data.Add("answers to SETTINGS", Http2Frames.Frame(FrameType.Settings, 1, 0, []), tls);
                data.Add("PRIORITY (CVE-2019-9513)", Http2Frames.Frame(FrameType.Priority, 0, 1, [0, 0, 0, 3, 1]), tls);
                data.Add("PRIORITY of streams that are not there", Http2Frames.Frame(FrameType.Priority, 0, 999, [0, 0, 0, 0, 1]), tls);
                data.Add("WINDOW_UPDATE of the connection", Http2Frames.Frame(FrameType.WindowUpdate, 0, 0, [0, 0, 0, 1]), tls);
                data.Add("WINDOW_UPDATE of a stream", Http2Frames.Frame(FrameType.WindowUpdate, 0, 1, [0, 0, 0, 1]), tls);
                data.Add("empty DATA (CVE-2019-9518)", Http2Frames.Frame(FrameType.Data, 0, 1, []), tls);
                data.Add("empty DATA with padding", Http2Frames.Frame(FrameType.Data, 8, 1, [3, 0, 0, 0]), tls);
                data.Add("frames of an unknown type", Http2Frames.Frame((FrameType)77, 0, 0, [1]), tls);
                data.Add("resets of a stream that is over", Http2Frames.Frame(FrameType.ResetStream, 0, 3, [0, 0, 0, 8]), tls);
                data.Add("head blocks of a stream that was reset", Http2Frames.Frame(FrameType.Headers, 5, 3, Http2Frames.Block(("x", "y"))), tls);
                data.Add("crumbs of DATA of a stream that was reset", Http2Frames.Frame(FrameType.Data, 0, 3, [1]), tls);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Idle))]
    public async Task Frames_about_nothing_are_counted_until_there_are_too_many(string what, byte[] frame, bool tls)
    {
        var proxy = tls ? _secured : _clear;
        using var client = await Http2Frames.ConnectAsync(proxy.Port, tls: tls);
        // A stream that is open, and one that the proxy has reset.
        await client.SendHeadersAsync(1, 4, Http2Frames.Post);
        await client.SendHeadersAsync(3, 4, Http2Frames.Post);
        await client.SendAsync(FrameType.WindowUpdate, 0, 3, [0, 0, 0, 0]);
        Assert.Equal("RST Protocol", await client.EndOfAsync(3));
        long allocated = await AllocatedAsync(proxy);
        var clock = Stopwatch.StartNew();
        byte[] batch = [.. Enumerable.Repeat(frame, Batch - 1).SelectMany(bytes => bytes), .. Http2Frames.Frame(FrameType.Ping, 0, 0, s_question)];
        int sent = 0;
        try
        {
            // Each batch ends with a question, so that what was taken is known.
            do
            {
                await client.SendBytesAsync(batch);
                sent += Batch;
            }
            while (sent < 100 * Frames && await AnswersAsync(client));
        }
        catch (System.Net.Sockets.SocketException)
        {
            // It has gone within a batch.
        }

        Assert.InRange(sent, Frames - Batch, Frames + Streams + (FramesPerSecond * (int)(clock.Elapsed.TotalSeconds + 2)));
        Assert.True(await AllocatedAsync(proxy) - allocated < MaxAllocated, what);
        Assert.Equal(1, proxy.Stats.Http2Downstream.GoAwaysSent);
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
    }

    /// <summary>Streams that are begun and not wanted: what follows a request's head.</summary>
    public static TheoryData<string, bool, bool> Unwanted => new()
    {
        { "reset (CVE-2023-44487)", true, false },
        { "reset (CVE-2023-44487)", true, true },
        { "made to be reset (CVE-2025-8671, CVE-2019-9514)", false, false },
        { "made to be reset (CVE-2025-8671, CVE-2019-9514)", false, true },
    };

    [Theory]
    [MemberData(nameof(Unwanted))]
    public async Task Streams_that_are_given_up_are_counted_until_there_are_too_many(string what, bool resets, bool tls)
    {
        var proxy = tls ? _secured : _clear;
        using var client = await Http2Frames.ConnectAsync(proxy.Port, tls: tls);
        long allocated = await AllocatedAsync(proxy);
        var clock = Stopwatch.StartNew();
        byte[] flood = [.. Enumerable.Range(0, 20 * Streams).SelectMany(i => (byte[])[
            .. Http2Frames.Frame(FrameType.Headers, resets ? 5 : 4, (2 * i) + 1, Http2Frames.Block(resets ? Http2Frames.Get : Http2Frames.Post)),
            .. resets ? Http2Frames.Frame(FrameType.ResetStream, 0, (2 * i) + 1, [0, 0, 0, 8]) : Http2Frames.Frame(FrameType.WindowUpdate, 0, (2 * i) + 1, [0, 0, 0, 0])])];
        var sent = Ignore(client.SendBytesAsync(flood));

        var last = await GoAwayAsync(client);

        await sent;
        int most = Streams + (StreamsPerSecond * (int)(clock.Elapsed.TotalSeconds + 2));
        Assert.Equal(Http2Error.EnhanceYourCalm, last.Code);
        Assert.InRange((last.Stream + 1) / 2, Streams, most);
        Assert.InRange(proxy.Stats.Http2Downstream.Streams, Streams, most);
        Assert.InRange(Volatile.Read(ref _asked), 0, most);
        Assert.True(await AllocatedAsync(proxy) - allocated < MaxAllocated, what);
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(63, false)]
    [InlineData(64, false)]
    [InlineData(16_384, false)]
    [InlineData(16_384, true)]
    public async Task A_row_of_CONTINUATION_holds_no_more_than_a_head_may_have(int size, bool tls)
    {
        var proxy = tls ? _secured : _clear;
        using var client = await Http2Frames.ConnectAsync(proxy.Port, tls: tls);
        await client.SendHeadersAsync(1, 0, Http2Frames.Get);
        long allocated = await AllocatedAsync(proxy);
        byte[] frame = Http2Frames.Frame(FrameType.Continuation, 0, 1, new byte[size]);

        var sent = Ignore(client.SendBytesAsync((byte[])[.. Enumerable.Repeat(frame, 3 * Frames).SelectMany(bytes => bytes)]));

        Assert.Equal((Http2Error.EnhanceYourCalm, 0), await GoAwayAsync(client));
        await sent;
        Assert.InRange(await AllocatedAsync(proxy) - allocated, 0, MaxAllocated);
        Assert.Equal((0, 0), (proxy.Stats.Http2Downstream.Streams, Volatile.Read(ref _asked)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_response_that_is_let_out_in_crumbs_ends_the_connection(bool tls)
    {
        // CVE-2019-9511: a window of nothing, which grows by a byte at a time.
        var proxy = tls ? _secured : _clear;
        using var client = await Http2Frames.ConnectAsync(proxy.Port, "000400000000", tls);
        var clock = Stopwatch.StartNew();
        await client.SendHeadersAsync(1, 5, [.. Http2Frames.Get.Select(field => field.Item1 == ":path" ? (":path", "/large") : field)]);
        _ = await client.ReadAsync(FrameType.Headers);
        byte[] more = Http2Frames.Frame(FrameType.WindowUpdate, 0, 1, [0, 0, 0, 1]);
        var sent = Ignore(client.SendBytesAsync((byte[])[.. Enumerable.Repeat(more, 5 * Frames).SelectMany(bytes => bytes)]));
        int crumbs = 0;
        while (await client.ReadAsync() is { } read && read.Head.Type != FrameType.GoAway)
        {
            crumbs += read.Head.Type == FrameType.Data ? 1 : 0;
        }

        await sent;
        Assert.InRange(crumbs, 0, Frames + (FramesPerSecond * (int)(clock.Elapsed.TotalSeconds + 2)));
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_window_that_is_opened_in_small_pieces_lets_a_whole_response_through(bool tls)
    {
        var proxy = tls ? _secured : _clear;
        using var client = await Http2Frames.ConnectAsync(proxy.Port, "000400000400", tls);
        await client.SendHeadersAsync(1, 5, [.. Http2Frames.Get.Select(field => field.Item1 == ":path" ? (":path", "/large") : field)]);
        for (int left = LargeBody; left > 0;)
        {
            int length = (await client.ReadAsync(FrameType.Data)).Payload.Length;
            left -= length;
            byte[] more = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(more, Math.Max(1, length));
            await client.SendBytesAsync((byte[])[.. Http2Frames.Frame(FrameType.WindowUpdate, 0, 1, more), .. Http2Frames.Frame(FrameType.WindowUpdate, 0, 0, more)]);
        }
    }

    [Theory]
    [InlineData("0000", false)]
    [InlineData("008000", false)]
    [InlineData("000000", true)]
    [InlineData("008080", true)]
    public async Task Fields_of_no_length_are_refused_and_hold_nothing(string field, bool tls)
    {
        // CVE-2019-9516: names and values of no bytes, plain and by Huffman's code.
        var proxy = tls ? _secured : _clear;
        using var client = await Http2Frames.ConnectAsync(proxy.Port, tls: tls);
        byte[] fields = [.. Enumerable.Repeat(Convert.FromHexString(field), 1000).SelectMany(bytes => bytes)];
        long allocated = await AllocatedAsync(proxy);
        int id = 1;
        string end;
        do
        {
            await client.SendAsync(FrameType.Headers, 5, id, [.. Http2Frames.Block(Http2Frames.Get), .. fields]);
            end = await client.EndOfAsync(id);
            id += 2;
        }
        while (end is "RST Protocol" or "431" && id < 20 * Streams);

        // Within a block that is cut in a field there is nothing to go on with.
        Assert.True(end is "GOAWAY EnhanceYourCalm" or "GOAWAY Compression", end);
        Assert.Equal(0, Volatile.Read(ref _asked));
        Assert.InRange(await AllocatedAsync(proxy) - allocated, 0, MaxAllocated);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Responses_of_a_client_that_reads_nothing_wait_with_their_hosts(bool tls)
    {
        // CVE-2019-9517: windows that are wide open, and a socket that nobody reads.
        var proxy = tls ? _secured : _clear;
        using var client = await Http2Frames.ConnectAsync(proxy.Port, "00047fffffff", tls);
        await client.SendAsync(FrameType.WindowUpdate, 0, 0, [0x7f, 0, 0, 0]);
        const int Count = 100;
        for (int i = 0; i < Count; i++)
        {
            await client.SendHeadersAsync((2 * i) + 1, 5, [.. Http2Frames.Get.Select(field => field.Item1 == ":path" ? (":path", "/large") : field)]);
        }

        await Eventually.HoldsAsync(() => proxy.Stats.Http2Downstream.Streams == Count);
        long allocated = await AllocatedAsync(proxy);
        Assert.InRange(allocated, 0, Count * LargeBody);
        // And all of it comes when it reads.
        Assert.Equal(Count * LargeBody, await client.CountDataAsync(Count));
    }

    private static async Task<bool> AnswersAsync(Http2Frames client)
    {
        while (await client.ReadAsync() is { } read)
        {
            if (read.Head.Type == FrameType.GoAway)
            {
                Assert.Equal(Http2Error.EnhanceYourCalm, (Http2Error)read.Payload[7]);
                return false;
            }

            if (read.Head.Type == FrameType.Ping && read.Head.IsAnswer && read.Payload.SequenceEqual(s_question))
            {
                return true;
            }
        }

        Assert.Fail("the connection ends without GOAWAY");
        return false;
    }

    private static async Task<(Http2Error Code, int Stream)> GoAwayAsync(Http2Frames client)
    {
        var (_, payload) = await client.ReadAsync(FrameType.GoAway);
        return ((Http2Error)payload[7], BinaryPrimitives.ReadInt32BigEndian(payload));
    }

    // What the proxy's only loop has allocated on the managed heap since it began.
    private static async Task<long> AllocatedAsync(TestProxy proxy)
    {
        long bytes = 0;
        await proxy.Server.Loops[0].InvokeAsync(() => bytes = GC.GetAllocatedBytesForCurrentThread());
        return bytes;
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
