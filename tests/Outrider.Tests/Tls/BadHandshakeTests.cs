using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Tls;

public sealed class BadHandshakeTests : IDisposable
{
    private const string Request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

    private readonly TlsLab _lab = new();
    private readonly RawUpstream _upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

    public void Dispose()
    {
        _upstream.Dispose();
        _lab.Dispose();
    }

    [Fact]
    public async Task Garbage_is_refused_and_logged_with_the_peers_address()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);
        var random = new Random(7);
        var pieces = new List<byte[]>
        {
            Encoding.ASCII.GetBytes(Request),
            ([22, 3, 1, 255, 255, 1, 2, 3]),
            ([22, 3, 1, 0, 0]),
            ([22, 3, 1, 0, 4, 1, 0, 0, 0]),
            ([22, 3, 1, 0, 4, 99, 255, 255, 255]),
            ([21, 3, 1, 0, 2, 2, 40]),
            ([23, 3, 3, 0, 3, 1, 2, 3]),
            ([0x80, 0x2E, 1, 0, 2]),
            new byte[70_000],
        };
        for (int i = 0; i < 50; i++)
        {
            var bytes = new byte[random.Next(1, 3000)];
            random.NextBytes(bytes);
            bytes[0] = i % 2 == 0 ? (byte)22 : bytes[0];
            pieces.Add(bytes);
        }

        foreach (byte[] piece in pieces)
        {
            using var client = await RawClient.ConnectAsync(proxy.Port);
            try
            {
                await client.SendAsync(piece);
                client.Shutdown();
            }
            catch (SocketException)
            {
                // Refused before all of it was sent.
            }

            // What begins with a letter may be a request, to which plain text says what is wrong; it never is an upstream's answer.
            string answer = await client.ReadToEndAsync();
            Assert.True(!answer.Contains("HTTP", StringComparison.Ordinal)
                || (piece[0] is >= (byte)'A' and <= (byte)'Z' && answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal)), answer);
        }

        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0);
        Assert.Equal(pieces.Count, proxy.Stats.TlsFailures);
        Assert.Equal("", _upstream.Received);
        string log = TlsLab.LogOf(proxy);
        // Ten in ten seconds are logged; the rest is counted.
        Assert.InRange(log.Split("[INFO] client 127.0.0.1:").Length - 1, 10, pieces.Count);
        Assert.DoesNotContain("unexpected: ", log, StringComparison.Ordinal);
        Assert.EndsWith("ok", await TlsClient.GetAsync(proxy.Port), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_that_takes_too_long_is_cut_off()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address], [_lab.Context(""","handshake_timeout":"2s" """)]);
        long begin = Environment.TickCount64;
        using var silent = await RawClient.ConnectAsync(proxy.Port);
        using var slow = await RawClient.ConnectAsync(proxy.Port);

        await slow.SendAsync(new byte[] { 22, 3, 1, 1, 0, 1, 0 });

        Assert.Equal("", await silent.ReadToEndAsync());
        Assert.Equal("", await slow.ReadToEndAsync());
        // Not at once. That it is this time and not another the log says.
        Assert.True(Environment.TickCount64 - begin >= 1800);
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0);
        string log = TlsLab.LogOf(proxy);
        Assert.Contains("TLS handshake failed: nothing came before the handshake's time was over", log, StringComparison.Ordinal);
        Assert.Contains("TLS handshake failed: the handshake's time is over", log, StringComparison.Ordinal);

        // A handshake that was in time lives on.
        await using var client = await TlsClient.ConnectAsync(proxy.Port);
        await Task.Delay(2500);
        await client.SendAsync(Request);
        Assert.EndsWith("ok", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_probe_that_connects_and_closes_is_counted_and_not_logged(bool resets, bool inspector)
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address], listener: inspector ? ""","inspector":true""" : "");
        string before = TlsLab.LogOf(proxy);
        for (int i = 0; i < 20; i++)
        {
            using var probe = await RawClient.ConnectAsync(proxy.Port);
            if (resets)
            {
                probe.Reset();
                continue;
            }

            probe.Shutdown();
            Assert.Equal("", await probe.ReadToEndAsync());
        }

        await Eventually.HoldsAsync(() => proxy.Stats is { ConnectionsClosed: 20, ConnectionsActive: 0 });
        Assert.Equal(20, proxy.Stats.TlsUnused);
        Assert.Equal(0, proxy.Stats.TlsFailures);
        Assert.Equal(before, TlsLab.LogOf(proxy));
        Assert.EndsWith("ok", await TlsClient.GetAsync(proxy.Port), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_client_that_is_cut_off_at_any_byte_leaves_nothing_behind(SslProtocols version)
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);
        int length = await ExchangeAsync(proxy.Port, version, socket => new CutStream(socket));
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0);
        Assert.Equal(1, proxy.Stats.TlsHandshakes);

        await Parallel.ForEachAsync(Enumerable.Range(1, length - 1), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (cut, _) =>
            await ExchangeAsync(proxy.Port, version, socket => new CutStream(socket) { CutAt = cut, Resets = cut % 2 == 0 }));

        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0);
        Assert.Equal(0, proxy.Stats.StreamsActive);
        Assert.DoesNotContain("unexpected: ", TlsLab.LogOf(proxy), StringComparison.Ordinal);
        Assert.EndsWith("ok", await TlsClient.GetAsync(proxy.Port), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_byte_that_is_changed_on_the_way_fails_that_connection_alone(SslProtocols version)
    {
        // A length that is changed makes the proxy wait for bytes that never come.
        await using var proxy = await _lab.StartAsync(
            [_upstream.Address], [_lab.Context(""","handshake_timeout":"500ms" """)], listener: ""","connection_idle_timeout":"500ms" """);
        // What a whole exchange is: from one that has all the time that it needs.
        await using var patient = await _lab.StartAsync([_upstream.Address]);
        int length = await ExchangeAsync(patient.Port, version, socket => new CutStream(socket));
        string whole = _upstream.Received;
        Assert.NotEmpty(whole);

        await Parallel.ForEachAsync(Enumerable.Range(0, length / 3), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (third, _) =>
            await ExchangeAsync(proxy.Port, version, socket => new CutStream(socket) { FlippedAt = third * 3 }));

        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0);
        Assert.DoesNotContain("unexpected: ", TlsLab.LogOf(proxy), StringComparison.Ordinal);
        // Some bytes of a hello mean nothing to us (the session's number, an unknown extension); what arrives is whole.
        Assert.Equal(0, _upstream.Received.Length % whole.Length);
        // It serves; not each one in half a second, on a machine that is busy.
        await Eventually.HoldsAsync(() => IsServedAsync(proxy.Port));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Everything_may_come_byte_by_byte(SslProtocols version)
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);

        _ = await ExchangeAsync(proxy.Port, version, socket => new CutStream(socket) { Drips = true });

        Assert.Equal(1, proxy.Stats.TlsHandshakes);
        Assert.Contains("GET / HTTP/1.1", _upstream.Received, StringComparison.Ordinal);
    }

    private static async Task<bool> IsServedAsync(int port)
    {
        try
        {
            return (await TlsClient.GetAsync(port)).EndsWith("ok", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException)
        {
            return false;
        }
    }

    /// <summary>One request, however it ends; returns how many bytes the client sent.</summary>
    private static async Task<int> ExchangeAsync(int port, SslProtocols version, Func<Socket, CutStream> wrap)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        using var cut = wrap(socket);
        await using var client = new SslStream(cut, leaveInnerStreamOpen: true);
        try
        {
            await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = version,
                AllowTlsResume = false,
                RemoteCertificateValidationCallback = TlsClient.Anybody,
            }).SoonAsync();
            await client.WriteAsync(Encoding.ASCII.GetBytes(Request)).AsTask().SoonAsync();
            var buffer = new byte[4096];
            while (await client.ReadAsync(buffer).AsTask().SoonAsync() > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or ObjectDisposedException)
        {
        }

        return cut.Sent;
    }
}
