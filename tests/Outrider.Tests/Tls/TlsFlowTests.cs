using System.Security.Authentication;
using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Tls;

public sealed class TlsFlowTests : IDisposable
{
    private readonly TlsLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12, "length")]
    [InlineData(SslProtocols.Tls13, "length")]
    [InlineData(SslProtocols.Tls13, "chunked")]
    public async Task A_client_that_does_not_read_stops_the_upstream_and_gets_everything_once_it_does(SslProtocols version, string framing)
    {
        var down = TestBytes.Make(Flow.Large);
        int sent = 0;
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n" + (framing == "length" ? $"content-length: {down.Length}\r\n\r\n" : "transfer-encoding: chunked\r\n\r\n"));
            await Flow.SendCountingAsync(connection.Socket, framing == "length" ? down : TestBytes.Chunked(down, 33_333), count => Volatile.Write(ref sent, count));
        });
        await using var proxy = await _lab.StartAsync([upstream.Address]);
        await using var client = await TlsClient.ConnectAsync(proxy.Port, versions: version);

        // As HTTP/1.0, so that the body comes without chunks whatever the upstream does.
        await client.SendAsync("GET / HTTP/1.0\r\nhost: a\r\n\r\n");
        await Flow.StandsStillAsync(() => Volatile.Read(ref sent));

        Assert.InRange(Volatile.Read(ref sent), 1, Flow.MaxUnderway);
        byte[] all = await client.ReadAsync(int.MaxValue);
        int head = all.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        Assert.Equal(TestBytes.Digest(down), TestBytes.Digest(all.AsSpan(head)));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task An_upstream_that_does_not_read_stops_the_client_and_gets_everything_once_it_does(SslProtocols version)
    {
        var up = TestBytes.Make(Flow.Large);
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            string head = await reader.ReadHeadAsync();
            await go.Task;
            string digest = TestBytes.Digest(await reader.ReadBodyAsync(head));
            await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {digest.Length}\r\n\r\n{digest}");
        });
        await using var proxy = await _lab.StartAsync([upstream.Address]);
        await using var client = await TlsClient.ConnectAsync(proxy.Port, versions: version);

        int sent = 0;
        await client.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {up.Length}\r\n\r\n");
        var sending = Task.Run(async () =>
        {
            while (sent < up.Length)
            {
                int count = Math.Min(48_000, up.Length - sent);
                await client.Stream.WriteAsync(up.AsMemory(sent, count));
                Volatile.Write(ref sent, sent + count);
            }
        });
        await Flow.StandsStillAsync(() => Volatile.Read(ref sent));
        Assert.InRange(Volatile.Read(ref sent), 1, Flow.MaxUnderway);
        go.SetResult();

        Assert.EndsWith(TestBytes.Digest(up), await client.ReadResponseAsync(), StringComparison.Ordinal);
        await sending.SoonAsync();
    }

    [Fact]
    public async Task A_request_behind_another_ones_body_waits_its_turn_whatever_was_decrypted_already()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                await Task.Delay(20);
                await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n{request.Length:d8}");
            }
        });
        await using var proxy = await _lab.StartAsync([upstream.Address]);
        await using var client = await TlsClient.ConnectAsync(proxy.Port);

        // Ten requests with bodies in a handful of records that begin and end anywhere.
        string body = new('x', 20_000);
        string all = string.Concat(Enumerable.Repeat($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {body.Length}\r\n\r\n{body}", 10));
        for (int i = 0; i < all.Length; i += 13_337)
        {
            await client.SendAsync(all[i..Math.Min(all.Length, i + 13_337)]);
        }

        for (int i = 0; i < 10; i++)
        {
            string answer = Encoding.Latin1.GetString(await client.ReadAsync("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n12345678".Length));
            Assert.StartsWith("HTTP/1.1 200 OK", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_that_has_said_its_last_still_gets_the_answer()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await Task.Delay(200);
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlate");
        });
        await using var proxy = await _lab.StartAsync([upstream.Address]);

        // There is a second for it, which a busy machine may take for itself: one answer that was in time is enough.
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var client = await TlsClient.ConnectAsync(proxy.Port);
                await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
                await client.Stream.ShutdownAsync();
                return (await client.ReadResponseAsync()).EndsWith("late", StringComparison.Ordinal);
            });
    }

    [Fact]
    public async Task A_proxy_that_stops_ends_responses_whole_and_idle_connections_in_order()
    {
        var body = TestBytes.Make(4 * 1024 * 1024);
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                if (request.Contains("/large", StringComparison.Ordinal))
                {
                    await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {body.Length}\r\n\r\n");
                    await go.Task;
                    await connection.Socket.SendAllAsync(body);
                }
                else
                {
                    await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                }
            }
        });
        await using var proxy = await _lab.StartAsync([upstream.Address]);
        await using var idle = await TlsClient.ConnectAsync(proxy.Port);
        await idle.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        _ = await idle.ReadResponseAsync();
        await using var busy = await TlsClient.ConnectAsync(proxy.Port);
        await busy.SendAsync("GET /large HTTP/1.1\r\nhost: a\r\n\r\n");
        string head = Encoding.Latin1.GetString(await busy.ReadAsync(20));

        var stopping = proxy.Server.StopAsync();
        // close_notify: an end without it would throw, or show as a reset.
        Assert.Equal(0, await idle.Stream.ReadAsync(new byte[1]).AsTask().SoonAsync());
        go.SetResult();
        byte[] rest = await busy.ReadAsync(int.MaxValue);

        Assert.StartsWith("HTTP/1.1 200 OK", head, StringComparison.Ordinal);
        Assert.Equal(TestBytes.Digest(body), TestBytes.Digest(rest.AsSpan(rest.AsSpan().IndexOf("\r\n\r\n"u8) + 4)));
        await stopping.SoonAsync();
    }

    [Fact]
    public async Task A_tunnel_carries_bytes_both_ways_and_ends_one_direction_after_the_other()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n");
            while (await connection.ReadAsync() is { Length: > 0 } text)
            {
                await connection.SendAsync(text);
            }

            await connection.SendAsync("bye");
        });
        await using var proxy = await _lab.StartAsync([upstream.Address]);
        await using var client = await TlsClient.ConnectAsync(proxy.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101", await client.ReadResponseAsync(), StringComparison.Ordinal);
        var bytes = TestBytes.Make(300_000);

        var reading = client.ReadAsync(int.MaxValue);
        await client.Stream.WriteAsync(bytes);
        await client.Stream.ShutdownAsync();
        byte[] echo = await reading;

        Assert.Equal(TestBytes.Digest([.. bytes, .. "bye"u8]), TestBytes.Digest(echo));
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0 && proxy.Stats.StreamsActive == 0);
    }

    [Fact]
    public async Task Connections_that_come_and_go_leave_nothing_behind()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await _lab.StartAsync([upstream.Address], loops: 2);
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            await using var client = await TlsClient.ConnectAsync(proxy.Port);
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            if (i % 3 == 0)
            {
                client.Socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
                client.Socket.Close();
            }
            else if (i % 3 == 1)
            {
                Assert.EndsWith("ok", await client.ReadResponseAsync(), StringComparison.Ordinal);
            }
        });

        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0 && proxy.Stats.StreamsActive == 0);
        Assert.Equal(300, proxy.Stats.TlsHandshakes);
    }
}
