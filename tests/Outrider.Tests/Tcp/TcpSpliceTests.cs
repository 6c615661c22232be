using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Outrider.Net.Loops;
using Outrider.Proxy.Listening;
using Outrider.Tests.Harness;
using Outrider.Tests.Network;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Tcp;

/// <summary>Large transfers through a <c>tcp_proxy</c>, which go past the process where nobody looks at them.</summary>
public sealed class TcpSpliceTests
{
    private const int Size = 24 * 1024 * 1024;

    // More than what lies in the kernel's buffers between a client and a host.
    private const int Large = 64 * 1024 * 1024;
    private const string Config = """{"cluster":"up"}""";

    private static readonly byte[] s_bytes = TestBytes.Make(Size);

    [Fact]
    public async Task Much_goes_both_ways_at_once_and_arrives_whole_past_the_process()
    {
        var bytes = TestBytes.Make(Large);
        await using var lab = new TcpLab();
        var atHost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            var sending = SendAsync(connection.Socket, bytes, 700_001);
            atHost.SetResult(await ReceiveAsync(connection.Socket, 99_991));
            await sending;
        });
        int port = await StartAsync(lab, upstream);
        using var client = await RawClient.ConnectAsync(port);
        var sending = SendAsync(client.Socket, bytes, 1_234_567);
        string atClient = await ReceiveAsync(client.Socket, 33_333).WaitAsync(Eventually.Patience);
        await sending.SoonAsync();
        Assert.Equal(TestBytes.Digest(bytes), atClient);
        Assert.Equal(TestBytes.Digest(bytes), await atHost.Task.SoonAsync());

        Assert.Contains($" up {upstream.Address} {Large} {Large} - ", (await lab.LinesAsync())[0], StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => lab.Stats.TcpSessionsActive == 0);
        Assert.Equal((Large, Large, 0), (lab.Stats.BytesIn, lab.Stats.BytesOut, lab.Stats.TcpSessionsActive));
        Assert.Equal((Large, Large), (lab.ClusterStats("up").BytesIn, lab.ClusterStats("up").BytesOut));
        Assert.InRange(lab.Stats.TcpBytesSpliced, Large / 8, 2L * Large);
        await NothingIsLeftAsync(lab);
    }

    [Fact]
    public async Task A_reader_that_stops_holds_the_sender_back_and_loses_nothing_and_nobody_spins()
    {
        var bytes = TestBytes.Make(Large);
        await using var lab = new TcpLab();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            string digest = await ReceiveAsync(connection.Socket, 50_000, stopAt: 8 * 1024 * 1024, go.Task);
            await connection.SendAsync(digest);
        });
        int port = await StartAsync(lab, upstream);
        using var client = await RawClient.ConnectAsync(port);
        var sending = SendAsync(client.Socket, bytes, 1_000_003);
        await Eventually.HoldsAsync(() => lab.Stats.BytesIn > 8 * 1024 * 1024);
        long taken = await StillAsync(() => lab.Stats.BytesIn);
        Assert.True(lab.Pipes.Free < lab.Pipes.Count);
        Assert.False(sending.IsCompleted);
        Assert.InRange(taken, 8 * 1024 * 1024, Large / 2);
        long turns = lab.Loop.CallbackCount, began = Environment.TickCount64;
        await Task.Delay(100);
        // The timers of the house, and no more, however long it was: one in two milliseconds.
        turns = lab.Loop.CallbackCount - turns;
        Assert.InRange(turns, 0, (Environment.TickCount64 - began) / 2);
        Assert.Equal(taken, lab.Stats.BytesIn);

        go.SetResult();
        await sending.SoonAsync();
        Assert.Equal(TestBytes.Digest(bytes), await client.ReadToEndAsync());
        Assert.InRange(lab.Stats.TcpBytesSpliced, 1, Large);
        Assert.Contains($" {Large} ", (await lab.LinesAsync())[0], StringComparison.Ordinal);
        await NothingIsLeftAsync(lab);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_side_that_has_sent_its_last_receives_all_that_the_other_sends_after_it(bool clientFirst)
    {
        await using var lab = new TcpLab();
        var atHost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            if (!clientFirst)
            {
                await SendAsync(connection.Socket, s_bytes, 1_640_001);
            }

            atHost.SetResult(await ReceiveAsync(connection.Socket, 64_001));
            if (clientFirst)
            {
                await SendAsync(connection.Socket, s_bytes, 1_640_001);
            }
        });
        int port = await StartAsync(lab, upstream);
        using var client = await RawClient.ConnectAsync(port);
        string atClient = "";
        if (!clientFirst)
        {
            atClient = await ReceiveAsync(client.Socket, 64_001).SoonAsync();
        }

        await SendAsync(client.Socket, s_bytes, 1_640_001).SoonAsync();
        Assert.Equal(TestBytes.Digest(s_bytes), await atHost.Task.SoonAsync());
        if (clientFirst)
        {
            atClient = await ReceiveAsync(client.Socket, 64_001).SoonAsync();
        }

        Assert.Equal(TestBytes.Digest(s_bytes), atClient);
        Assert.Contains($" {Size} {Size} - ", (await lab.LinesAsync())[0], StringComparison.Ordinal);
        Assert.InRange(lab.Stats.TcpBytesSpliced, 1, 2L * Size);
        await NothingIsLeftAsync(lab);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(false, false, true)]
    [InlineData(true, true, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, false)]
    public async Task A_reset_in_mid_stream_is_a_reset_for_the_other_side(bool byClient, bool ofSender, bool splices)
    {
        await using var lab = new TcpLab();
        var reset = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool clientSends = byClient == ofSender;
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            bool isReset = await MoveAsync(connection.Socket, sends: !clientSends, byClient ? null : reset.Task);
            if (byClient)
            {
                seen.SetResult(isReset);
            }
            else
            {
                connection.Reset();
            }
        });
        int port = await StartAsync(lab, upstream, splices ? Config : """{"cluster":"up","splice":false}""");
        using var client = await RawClient.ConnectAsync(port);
        var moving = MoveAsync(client.Socket, clientSends, byClient ? reset.Task : null);
        await Eventually.HoldsAsync(() => (splices ? lab.Stats.TcpBytesSpliced : lab.Stats.BytesIn + lab.Stats.BytesOut) > 4 * 1024 * 1024);
        reset.SetResult();
        if (byClient)
        {
            await moving.SoonAsync();
            client.Reset();
            Assert.True(await seen.Task.SoonAsync());
        }
        else
        {
            // What had been sent before it may reach a slow reader first, and then an end.
            Assert.True(await moving.SoonAsync() || ofSender);
        }

        Assert.Contains(byClient ? " DC " : " UC ", (await lab.LinesAsync())[0], StringComparison.Ordinal);
        await NothingIsLeftAsync(lab);
    }

    [Theory]
    [InlineData("", """{"cluster":"up","splice":false}""")]
    [InlineData("\"splice_pipes\":0,", Config)]
    public async Task Switched_off_or_without_pipes_the_bytes_come_through_the_process(string server, string config)
    {
        await using var lab = new TcpLab();
        using var upstream = Sink();
        int port = await StartAsync(lab, upstream, config, server: server);
        Assert.Equal(TestBytes.Digest(s_bytes), await UploadAsync(port));
        Assert.Equal((0, 0), (lab.Stats.TcpBytesSpliced, lab.Pipes.Count));
        Assert.Equal(Size, lab.Stats.BytesIn);
    }

    [Fact]
    public async Task Who_finds_no_pipe_free_goes_on_through_the_process()
    {
        await using var lab = new TcpLab();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            // The first one stops while it has the only pipe.
            string digest = await ReceiveAsync(connection.Socket, 64 * 1024, number == 1 ? 8 * 1024 * 1024 : int.MaxValue, go.Task);
            await connection.SendAsync(digest);
        });
        int port = await StartAsync(lab, upstream, server: "\"splice_pipes\":1,");
        var bytes = TestBytes.Make(Large);
        var first = UploadAsync(port, bytes);
        await Eventually.HoldsAsync(() => lab.Stats.BytesIn > 8 * 1024 * 1024);
        long before = await StillAsync(() => lab.Stats.TcpBytesSpliced);
        Assert.Equal((1, 0), (lab.Pipes.Count, lab.Pipes.Free));
        Assert.Equal(TestBytes.Digest(s_bytes), await UploadAsync(port).SoonAsync());
        Assert.Equal(before, lab.Stats.TcpBytesSpliced);
        Assert.Equal(1, lab.Pipes.Count);
        go.SetResult();
        Assert.Equal(TestBytes.Digest(bytes), await first.SoonAsync());
        Assert.Equal(Size + Large, lab.Stats.BytesIn);
    }

    [Fact]
    public async Task A_network_filter_sees_every_byte()
    {
        await using var lab = new TcpLab();
        long seen = 0;
        var script = new NetworkScript
        {
            Received = (_, data, _) =>
            {
                seen += data.Length;
                return new(Outrider.Filters.NetworkAction.Continue);
            },
        };
        var extensions = new ConnectionExtensions();
        extensions.NetworkFilters.Add("look", _ => script.Create);
        using var upstream = Sink();
        int port = await lab.StartAsync(
            $$""" "filter_chains":[{"filters":[{"type":"look"},{"type":"tcp_proxy","config":{{Config}} }]}] """, TcpLab.Cluster("up", upstream.Address), extensions: extensions);
        Assert.Equal(TestBytes.Digest(s_bytes), await UploadAsync(port));
        Assert.Equal((Size, 0), (seen, lab.Stats.TcpBytesSpliced));
    }

    [Fact]
    public async Task What_is_TLS_on_a_side_comes_through_the_process_and_what_is_TLS_on_neither_goes_past_it()
    {
        await using var lab = new TcpLab();
        await using var through = new TcpLab();
        using var upstream = Sink();
        // The first proxy passes TLS through, unread; the second ends it.
        int inner = await StartAsync(lab, upstream, more: $"\"tls_context\":{lab.Tls.Context()},");
        int outer = await through.StartAsync($$""" "filter_chains":[{{TcpLab.Chain(Config)}}] """, TcpLab.Cluster("up", $"127.0.0.1:{inner}"));
        await using var client = await TlsClient.ConnectAsync(outer);
        await client.Stream.WriteAsync(s_bytes).AsTask().SoonAsync();
        await client.Stream.ShutdownAsync();
        string digest = TestBytes.Digest(s_bytes);
        Assert.Equal(digest, System.Text.Encoding.ASCII.GetString(await client.ReadAsync(digest.Length)));
        Assert.Equal((Size, 0), (lab.Stats.BytesIn, lab.Stats.TcpBytesSpliced));
        Assert.InRange(through.Stats.TcpBytesSpliced, 1, through.Stats.BytesIn);
    }

    [Fact]
    public async Task The_header_of_the_PROXY_protocol_comes_before_all_that_goes_past_the_process()
    {
        await using var lab = new TcpLab();
        string header = "";
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            var one = new byte[1];
            while (!header.EndsWith('\n') && await connection.Socket.ReceiveAsync(one) == 1)
            {
                header += (char)one[0];
            }

            await connection.SendAsync(await ReceiveAsync(connection.Socket, 64 * 1024));
        });
        int port = await StartAsync(lab, upstream, """{"cluster":"up","proxy_protocol":"v1"}""");
        Assert.Equal(TestBytes.Digest(s_bytes), await UploadAsync(port));
        Assert.Matches(string.Create(CultureInfo.InvariantCulture, $@"^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ {port}\r\n$"), header);
        Assert.InRange(lab.Stats.TcpBytesSpliced, 1, Size);
    }

    [Fact]
    public async Task The_idle_timeout_begins_anew_with_bytes_that_go_past_the_process()
    {
        await using var lab = new TcpLab();
        using var upstream = new RawUpstream(async (connection, _) => await ReceiveAsync(connection.Socket, 64 * 1024));
        int port = await StartAsync(lab, upstream, """{"cluster":"up","idle_timeout":"3s"}""");
        using var client = await RawClient.ConnectAsync(port);
        long began = Environment.TickCount64;
        long sent = 0;
        while (Environment.TickCount64 - began < 7000)
        {
            await client.SendAsync(s_bytes.AsMemory(0, 2 * 1024 * 1024));
            sent += 2 * 1024 * 1024;
            await Task.Delay(50);
        }

        // It has lived twice as long, and ends when nothing comes any more.
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Contains($" {sent} 0 SI ", (await lab.LinesAsync())[0], StringComparison.Ordinal);
        Assert.InRange(lab.Stats.TcpBytesSpliced, 1, sent);
        await NothingIsLeftAsync(lab);
    }

    [Fact]
    public async Task When_only_little_comes_any_more_it_comes_through_the_process_again()
    {
        await using var lab = new TcpLab();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            var buffer = new byte[64 * 1024];
            long received = 0;
            while (await connection.Socket.ReceiveAsync(buffer) is > 0 and var count)
            {
                received += count;
                if (received > Size)
                {
                    await connection.SendAsync("!");
                }
            }
        });
        int port = await StartAsync(lab, upstream);
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync(s_bytes);
        var one = new byte[1];
        long spliced = 0;
        for (int i = 0; i < 100; i++)
        {
            await client.SendAsync("x");
            Assert.Equal(1, await client.ReadAsync(one));
            spliced = i == 50 ? lab.Stats.TcpBytesSpliced : spliced;
        }

        Assert.InRange(spliced, 1, Size + 51);
        Assert.Equal(spliced, lab.Stats.TcpBytesSpliced);
        Assert.Equal(Size + 100, lab.Stats.BytesIn);
    }

    [Fact]
    public async Task A_reload_leaves_a_transfer_alone_and_a_stop_cuts_it_when_the_patience_is_over()
    {
        await using var lab = new TcpLab();
        using var upstream = new RawUpstream(async (connection, _) => await MoveAsync(connection.Socket, sends: false));
        string listener = $$""" "filter_chains":[{{TcpLab.Chain(Config)}}] """;
        int port = await lab.StartAsync(listener, TcpLab.Cluster("up", upstream.Address));
        using var client = await RawClient.ConnectAsync(port);
        var moving = MoveAsync(client.Socket, sends: true);
        await Eventually.HoldsAsync(() => lab.Stats.TcpBytesSpliced > 4 * 1024 * 1024);
        await lab.ReloadAsync(listener, TcpLab.Cluster("up", upstream.Address));
        long before = lab.Stats.TcpBytesSpliced;
        await Eventually.HoldsAsync(() => lab.Stats.TcpBytesSpliced > before + (4 * 1024 * 1024));
        await lab.StopAsync().SoonAsync();
        await moving.SoonAsync();
        Assert.Equal(["TCP"], await lab.LinesAsync());
        Assert.Equal(0, lab.Stats.TcpSessionsActive);
    }

    private static Task<int> StartAsync(TcpLab lab, RawUpstream upstream, string config = Config, string more = "", string server = "")
        => lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain(config, more)}}] """, TcpLab.Cluster("up", upstream.Address), server: server);

    private static RawUpstream Sink() => new(async (connection, _) => await connection.SendAsync(await ReceiveAsync(connection.Socket, 64 * 1024)));

    // Sends everything on a connection of its own; returns what the host says that it received.
    private static async Task<string> UploadAsync(int port, byte[]? bytes = null)
    {
        using var client = await RawClient.ConnectAsync(port);
        await SendAsync(client.Socket, bytes ?? s_bytes, 1_500_001).SoonAsync();
        return await client.ReadToEndAsync();
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, int piece)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes[..Math.Min(piece, bytes.Length)])..];
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    // To the end; the digest of everything, as TestBytes makes it.
    private static async Task<string> ReceiveAsync(Socket socket, int piece, int stopAt = int.MaxValue, Task? goOn = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[piece];
        long length = 0;
        while (await socket.ReceiveAsync(buffer) is > 0 and var count)
        {
            hash.AppendData(buffer, 0, count);
            length += count;
            if (length >= stopAt)
            {
                await goOn!;
            }
        }

        return $"{length}:{Convert.ToHexString(hash.GetHashAndReset())[..16]}";
    }

    // Once nothing moves any more: so often in a row that it is no rest of a busy machine.
    private static async Task<long> StillAsync(Func<long> value)
    {
        long last = value();
        int same = 0;
        await Eventually.HoldsAsync(() =>
        {
            long now = value();
            same = now == last ? same + 1 : 0;
            last = now;
            return same == 50;
        });
        return last;
    }

    // Until the connection ends, or is to; true: by a reset.
    private static async Task<bool> MoveAsync(Socket socket, bool sends, Task? end = null)
    {
        var buffer = new byte[128 * 1024];
        try
        {
            while (end is not { IsCompleted: true } && (sends ? await socket.SendAsync(buffer) : await socket.ReceiveAsync(buffer)) > 0)
            {
            }

            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    // Every pipe that is open is back, empty, and there are no more than there may be. A session's line can be read before the loop has done with it.
    private static async Task NothingIsLeftAsync(TcpLab lab)
    {
        await Eventually.HoldsAsync(() => lab.Stats.TcpSessionsActive == 0 && lab.Pipes.Free == lab.Pipes.Count);
        Assert.True(lab.Pipes.Count <= 2, $"there are {lab.Pipes.Count} pipes");
    }
}
