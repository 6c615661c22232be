using System.Text;
using Outrider.Http.V2.Framing;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;
using Outrider.Tests.Logging;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Http.V2;

/// <summary>Measures the memory of this process, so nothing runs beside it.</summary>
[CollectionDefinition(nameof(Http2MemoryTests), DisableParallelization = true)]
public sealed class Http2MemoryCollection;

/// <summary>What connections and streams of HTTP/2 hold while nothing moves.</summary>
[Collection(nameof(Http2MemoryTests))]
public sealed class Http2MemoryTests
{
    private const int Connections = 8000;
    private const int Before = 500;
    private const int Stalled = 100;
    private const int Window = 256 * 1024;

    private static readonly byte[] s_preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Http2Frames.Frame(FrameType.Settings, 0, 0, [])];

    // Resident memory of a process that does nothing else, as for HTTP/1. What the collector takes ahead of need while the connections
    // come is in it, and differs by a kilobyte from run to run: the least of three is what a connection holds.
    [Fact]
    public async Task An_idle_connection_is_two_kilobytes_at_most()
    {
        long least = await Growth.LeastAsync(3, 2048, IdleBytesAsync);
        Assert.True(least <= 2048, $"{least} bytes for an idle connection");
    }

    [Fact]
    public async Task Attackers_that_stay_connected_hold_little()
    {
        // It answers itself: what is measured is what the connections hold.
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], route: """[{"match":{"prefix":"/"},"direct_response":{"status":200,"body":"hi"}}]""", protocol: "Http2");
        byte[] flood = [.. Enumerable.Range(0, 100).SelectMany(i => (byte[])[
            .. Http2Frames.Frame(FrameType.Headers, 5, (2 * i) + 1, Http2Frames.Block(Http2Frames.Get)),
            .. Http2Frames.Frame(FrameType.ResetStream, 0, (2 * i) + 1, [0, 0, 0, 8])])];
        byte[] half = Http2Frames.Frame(FrameType.Headers, 0, 1001, new byte[16_000]);
        // What others of the process let go of meanwhile is not theirs: the least of several rounds counts.
        int round = 0;
        long held = await Growth.LeastAsync(4, 20 * 128 * 1024, async () =>
        {
            round++;
            var clients = new List<Http2Frames>();
            for (int i = 0; i < 20; i++)
            {
                var client = await Http2Frames.ConnectAsync(proxy.Port);
                clients.Add(client);
                await client.SendBytesAsync(flood);
                await client.SendBytesAsync(half);
            }

            await Eventually.HoldsAsync(() => proxy.Stats.Http2Downstream.Streams == round * 20 * 100 && proxy.Stats.StreamsActive == 0);
            long before = LiveMemory.Bytes();
            clients.ForEach(client => client.Dispose());
            await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0);
            return before - LiveMemory.Bytes();
        });

        // A block that is not complete is what an attacker may hold: max_header_size of it, beside a connection.
        Assert.InRange(held, long.MinValue, 20 * 128 * 1024);
    }

    [Theory]
    [InlineData("Http1")]
    [InlineData("Http2")]
    public async Task A_hundred_stalled_downloads_hold_their_windows_and_no_live_one(string upstreams)
    {
        const long large = 100L << 20, live = 8 << 20;
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            byte[] piece = new byte[64 * 1024];
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                long left = request.StartsWith("GET /live ", StringComparison.Ordinal) ? live : large;
                await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {left}\r\n\r\n");
                for (; left > 0; left -= piece.Length)
                {
                    await connection.Socket.SendAllAsync(piece);
                }
            }
        })
        {
            Remembers = false,
        };
        await using var origin = await TestProxy.StartAsync([upstream.Address], protocol: "Http2");
        await using var proxy = await TestProxy.StartAsync(
            [upstreams == "Http1" ? upstream.Address : $"127.0.0.1:{origin.Port}"], protocol: "Http2", upstreamProtocol: upstreams, cluster: ""","Http2":{"max_concurrent_streams":200}""");
        // The connection's window is never what stalls.
        using var client = await Http2Frames.ConnectAsync(proxy.Port);
        await client.SendAsync(FrameType.WindowUpdate, 0, 0, [0x7f, 0xff, 0, 0]);
        long before = LiveMemory.Bytes();
        for (int i = 0; i < Stalled; i++)
        {
            await client.SendHeadersAsync((2 * i) + 1, 5, (":method", "GET"), (":scheme", "http"), (":path", "/large"), (":authority", "x"));
        }

        // What they may send of each stream comes, and no more.
        for (long left = Stalled * 65_535L; left > 0; left -= (await client.ReadAsync(FrameType.Data)).Payload.Length)
        {
        }

        await Eventually.HoldsAsync(() => proxy.Stats.Http2Downstream.StreamWindowsShut >= Stalled);
        int id = (2 * Stalled) + 1;
        await client.SendHeadersAsync(id, 5, (":method", "GET"), (":scheme", "http"), (":path", "/live"), (":authority", "x"));
        for (long left = live; left > 0;)
        {
            var (head, payload) = await client.ReadAsync(FrameType.Data);
            if (head.StreamId == id && payload.Length > 0)
            {
                left -= payload.Length;
                await client.SendAsync(FrameType.WindowUpdate, 0, id, BitConverter.GetBytes(System.Net.IPAddress.HostToNetworkOrder(payload.Length)));
            }
        }

        long held = LiveMemory.Bytes() - before;

        // A window of each stream on each of two proxies, in arrays of the pool, which are up to twice as large, and what tests of their own hold.
        Assert.InRange(held, 0, (Stalled * Window * 4L) + (16 << 20));
        Assert.Equal(Stalled, proxy.Stats.StreamsActive);
    }

    private static long Resident(int process)
        => long.Parse(File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;

    private static async Task<long> IdleBytesAsync()
    {
        using var folder = new TemporaryFolder();
        int port = FreePorts.Next();
        await File.WriteAllTextAsync(folder.File("proxy.json"), $$$"""
            {"servers":[{"default_log_path":"{{{folder.File("error.log")}}}","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"v","domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200,"body":"hi"}}]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:{{{port}}}","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http2","router_config_name":"r"}}]}]}]}],
            "cluster_manager":{"clusters":[]}}
            """);
        using var proxy = OutriderProcess.Start("start", "-c", folder.File("proxy.json"));
        await proxy.ListensAsync(port);
        // 200 bytes, remembered as clients have it done.
        byte[] block = [
            0x82, 0x86, 0x84, .. Remembered(":authority", "www.example.test"), .. Remembered("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
            .. Remembered("accept", "text/html,application/xhtml+xml"), .. Remembered("cookie", "id=0123456789abcdef0123456789"),
        ];
        Assert.InRange(block.Length, 150, 250);
        byte[] request = [.. s_preface, .. Http2Frames.Frame(FrameType.Headers, 5, 1, block)];
        int[] sockets = new int[Connections + Before];
        int made = Begin(sockets, 0, Before, port, request);
        long before = Resident(proxy.Id);

        made = Begin(sockets, made, Connections, port, request);
        long each = (Resident(proxy.Id) - before) / Connections;

        Array.ForEach(sockets, RawSockets.Close);
        Assert.Equal(sockets.Length, made);
        return each;
    }

    private static int Begin(int[] sockets, int made, int count, int port, byte[] request)
    {
        byte[] answer = new byte[1024];
        for (int end = made + count; made < end; made++)
        {
            sockets[made] = RawSockets.Connect(port);
            RawSockets.Send(sockets[made], request);
            // Until the frame with END_STREAM that carries the body.
            for (int length = 0; answer.AsSpan(0, length).IndexOf("\0\0\u0002\0\u0001\0\0\0\u0001hi"u8) < 0;)
            {
                int more = RawSockets.Receive(sockets[made], answer.AsSpan(length));
                Assert.True(more > 0, "the proxy closed the connection");
                length += more;
            }
        }

        return made;
    }

    private static byte[] Remembered(string name, string value) => [0x40, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
