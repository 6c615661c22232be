using System.Net;
using System.Net.Sockets;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Tls;

public sealed class UpstreamTlsTests : IDisposable
{
    private const string Request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    private readonly TlsLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [FactWith("nginx")]
    public async Task Nginx_is_verified_asked_by_name_and_shown_a_certificate()
    {
        _lab.Write("proxy", _lab.Authority.Issue("the proxy"));
        using var nginx = await NginxAsync("server", $$"""
            ssl_client_certificate {{_lab.Path("ca.pem")}}; ssl_verify_client optional; location / { return 200 "$ssl_client_s_dn|$ssl_server_name|$ssl_protocol|$request_uri"; }
            """);
        await using var proxy = await StartAsync([nginx.Address], $$"""{"status":true,"server_name":"localhost","ca_cert":"{{_lab.Path("ca.pem")}}","cert_chain":"{{_lab.Path("proxy.pem")}}","private_key":"{{_lab.Path("proxy.key")}}"}""");

        Assert.EndsWith("\r\n\r\nCN=the proxy|localhost|TLSv1.3|/", await RawClient.ExchangeAsync(proxy.Port, Request), StringComparison.Ordinal);

        // Pooled: one handshake for many requests.
        using var client = await RawClient.ConnectAsync(proxy.Port);
        for (int i = 0; i < 50; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            Assert.Contains("CN=the proxy", await client.ReadResponseAsync(), StringComparison.Ordinal);
        }

        Assert.InRange(proxy.Stats.UpstreamConnects, 1, 2);
    }

    [FactWith("nginx")]
    public async Task A_certificate_that_does_not_fit_is_502_and_a_clear_line_in_the_log()
    {
        using var other = new TestAuthority("Other CA");
        _lab.Write("other.pem", other.Pem);
        _lab.Write("old", _lab.Authority.Issue("localhost", days: -1));
        using var nginx = await NginxAsync("server", "location / { return 200 ok; }");
        using var expired = await NginxAsync("old", "location / { return 200 ok; }");

        await FailsAsync(nginx, $$"""{"status":true,"server_name":"localhost","ca_cert":"{{_lab.Path("other.pem")}}"}""", "chain: ");
        await FailsAsync(nginx, """{"status":true,"server_name":"localhost"}""", "chain: ");
        await FailsAsync(nginx, $$"""{"status":true,"server_name":"elsewhere.org","ca_cert":"{{_lab.Path("ca.pem")}}"}""", "RemoteCertificateNameMismatch");
        await FailsAsync(expired, $$"""{"status":true,"server_name":"localhost","ca_cert":"{{_lab.Path("ca.pem")}}"}""", "NotTimeValid");

        // Only where it is written in so many words.
        await using var proxy = await StartAsync([expired.Address], """{"status":true,"server_name":"elsewhere.org","insecure_skip":true}""");
        Assert.EndsWith("ok", await RawClient.ExchangeAsync(proxy.Port, Request), StringComparison.Ordinal);
    }

    [FactWith("nginx")]
    public async Task An_upstream_that_wants_another_certificate_says_so_in_the_log()
    {
        // TLS 1.3 tells the client after the handshake, with the request already sent.
        using var nginx = await NginxAsync("server", $$"""
            ssl_client_certificate {{_lab.Path("ca.pem")}}; ssl_verify_client on; location / { return 200 ok; }
            """);
        await using var proxy = await StartAsync([nginx.Address], """{"status":true,"insecure_skip":true}""");

        // nginx itself answers with 400; what it says stays what it says.
        Assert.StartsWith("HTTP/1.1 400", await RawClient.ExchangeAsync(proxy.Port, Request), StringComparison.Ordinal);
    }

    [FactWith("openssl")]
    public async Task An_upstream_that_refuses_the_handshake_for_want_of_a_certificate_is_quoted_in_the_log()
    {
        // In TLS 1.3 the alert comes when the handshake is over for the client, and may be read before or behind the request.
        foreach (string version in new[] { "-tls1_2", "-tls1_3" })
        {
            int port = FreePorts.Next();
            using var server = OutriderProcess.StartOther(
                FactWithAttribute.Find("openssl")!, new Dictionary<string, string>(),
                "s_server", "-accept", $"127.0.0.1:{port}", "-cert", _lab.Path("server.pem"), "-key", _lab.Path("server.key"), "-CAfile", _lab.Path("ca.pem"),
                "-Verify", "1", "-verify_return_error", "-www", version);
            await server.ListensAsync(port);
            await using var proxy = await StartAsync([$"127.0.0.1:{port}"], """{"status":true,"insecure_skip":true}""");

            string answer = await RawClient.ExchangeAsync(proxy.Port, Request);

            AssertTellsNothing(answer);
            Assert.Contains("TLS: ", TlsLab.LogOf(proxy), StringComparison.Ordinal);
            Assert.Contains("alert", TlsLab.LogOf(proxy), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_server_name_the_hosts_own_address_must_be_in_the_certificate()
    {
        using var fits = TlsUpstream.Start(_lab.Server, AnswerAsync);
        using var other = TlsUpstream.Start(_lab.Authority.Issue("localhost"), AnswerAsync);
        string context = $$"""{"status":true,"ca_cert":"{{_lab.Path("ca.pem")}}"}""";
        await using var good = await StartAsync([fits.Address], context);
        await using var bad = await StartAsync([other.Address], context);

        Assert.EndsWith("ok", await RawClient.ExchangeAsync(good.Port, Request), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 502", await RawClient.ExchangeAsync(bad.Port, Request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_whose_handshake_fails_is_left_for_another_one_whatever_the_method()
    {
        using var other = new TestAuthority("Other CA");
        using var bad = TlsUpstream.Start(other.Issue("localhost"), AnswerAsync);
        using var good = TlsUpstream.Start(_lab.Server, AnswerAsync);
        await using var proxy = await StartAsync([bad.Address, good.Address], $$"""{"status":true,"server_name":"localhost","ca_cert":"{{_lab.Path("ca.pem")}}"}""");
        for (int i = 0; i < 4; i++)
        {
            string answer = await RawClient.ExchangeAsync(proxy.Port, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi");
            Assert.EndsWith("ok", answer, StringComparison.Ordinal);
        }

        Assert.True(proxy.Stats.UpstreamConnectFailures > 0);
        Assert.Contains($"upstream {bad.Address}: connect failed: TLS: ", TlsLab.LogOf(proxy), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_connect_timeout_covers_the_handshake()
    {
        using var silent = new RawUpstream(async (connection, number) => await Task.Delay(Eventually.Patience));
        await using var proxy = await StartAsync([silent.Address], """{"status":true,"insecure_skip":true}""", ""","connect_timeout":"300ms" """);
        long begin = Environment.TickCount64;

        Assert.StartsWith("HTTP/1.1 504", await RawClient.ExchangeAsync(proxy.Port, Request), StringComparison.Ordinal);

        // Not at once.
        Assert.True(Environment.TickCount64 - begin >= 250);
    }

    [Fact]
    public async Task An_upstream_that_speaks_plain_text_or_hangs_up_is_502()
    {
        using var plain = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var talker = new RawUpstream(async (connection, number) =>
        {
            await connection.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
            _ = await connection.ReadAsync();
        });
        using var closer = new RawUpstream((_, _) => Task.CompletedTask);
        foreach (var upstream in new[] { talker, closer })
        {
            await using var proxy = await StartAsync([upstream.Address], """{"status":true,"insecure_skip":true}""");
            Assert.StartsWith("HTTP/1.1 502", await RawClient.ExchangeAsync(proxy.Port, Request), StringComparison.Ordinal);
            Assert.Contains($"upstream {upstream.Address}: connect failed: ", TlsLab.LogOf(proxy), StringComparison.Ordinal);
        }

        Assert.Equal("", plain.Received);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_ends_with_the_connection_is_whole_only_if_TLS_says_so(bool saysSo)
    {
        using var upstream = TlsUpstream.Start(_lab.Server, async (stream, socket) =>
        {
            _ = await TlsUpstream.ReadHeadAsync(stream);
            await stream.SendAsync("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall of it");
            if (saysSo)
            {
                await stream.ShutdownAsync();
            }

            socket.Shutdown(SocketShutdown.Send);
            await Task.Delay(100);
        });
        await using var proxy = await StartAsync([upstream.Address], """{"status":true,"insecure_skip":true}""");

        string answer = await RawClient.ExchangeAsync(proxy.Port, Request);

        Assert.Equal(saysSo, answer.EndsWith("all of it\r\n0\r\n\r\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Large_bodies_go_both_ways_over_TLS_on_both_sides()
    {
        var up = TestBytes.Make(10 * 1024 * 1024);
        using var upstream = TlsUpstream.Start(_lab.Server, async (stream, socket) =>
        {
            string head = "";
            var body = new MemoryStream();
            var buffer = new byte[64 * 1024];
            while (body.Length < up.Length)
            {
                int count = await stream.ReadAsync(buffer).AsTask().SoonAsync();
                if (head.Length == 0)
                {
                    int end = buffer.AsSpan(0, count).IndexOf("\r\n\r\n"u8) + 4;
                    head = System.Text.Encoding.Latin1.GetString(buffer, 0, end);
                    body.Write(buffer, end, count - end);
                }
                else
                {
                    body.Write(buffer, 0, count);
                }
            }

            await stream.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {body.Length}\r\n\r\n");
            await stream.WriteAsync(body.ToArray()).AsTask().SoonAsync();
            _ = await stream.ReadAsync(buffer);
        });
        await using var proxy = await _lab.StartAsync([upstream.Address], cluster: ",\"tls_context\":{\"status\":true,\"insecure_skip\":true}");
        await using var client = await TlsClient.ConnectAsync(proxy.Port);

        await client.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {up.Length}\r\nconnection: close\r\n\r\n");
        var sending = client.Stream.WriteAsync(up).AsTask();
        byte[] all = await client.ReadAsync(int.MaxValue);
        await sending.SoonAsync();

        Assert.Equal(TestBytes.Digest(up), TestBytes.Digest(all.AsSpan(all.AsSpan().IndexOf("\r\n\r\n"u8) + 4)));
    }

    [Fact]
    public async Task A_pooled_connection_that_the_upstream_closed_is_not_used_again()
    {
        using var upstream = TlsUpstream.Start(_lab.Server, async (stream, socket) =>
        {
            _ = await TlsUpstream.ReadHeadAsync(stream);
            await stream.SendAsync(Ok);
            await stream.ShutdownAsync();
        });
        await using var proxy = await StartAsync([upstream.Address], """{"status":true,"insecure_skip":true}""");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        for (int i = 0; i < 10; i++)
        {
            await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
            Assert.EndsWith("ok", await client.ReadResponseAsync(), StringComparison.Ordinal);
            await Eventually.HoldsAsync(() => proxy.Stats.UpstreamConnectionsActive == 0);
        }
    }

    private static async Task AnswerAsync(System.Net.Security.SslStream stream, Socket socket)
    {
        while (await TlsUpstream.ReadHeadAsync(stream) is { Length: > 0 })
        {
            await stream.SendAsync(Ok);
        }
    }

    private async Task FailsAsync(NginxServer nginx, string context, string reason)
    {
        await using var proxy = await StartAsync([nginx.Address], context);
        AssertTellsNothing(await RawClient.ExchangeAsync(proxy.Port, Request));
        string log = TlsLab.LogOf(proxy);
        Assert.Contains($"[WARN] upstream {nginx.Address}: connect failed: TLS: ", log, StringComparison.Ordinal);
        Assert.Contains(reason, log, StringComparison.Ordinal);
        Assert.Equal(1, proxy.Stats.UpstreamConnectFailures);
    }

    // What .NET and OpenSSL say of it is for the log: clients learn nothing of certificates, names and versions behind us.
    private static void AssertTellsNothing(string response)
    {
        Assert.StartsWith("HTTP/1.1 502", response, StringComparison.Ordinal);
        string body = response[(response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        Assert.Contains(body.TrimEnd(), (string[])["connect failed", "upstream TLS failed", "upstream closed the connection"]);
    }

    private Task<TestProxy> StartAsync(IEnumerable<string> upstreams, string context, string cluster = "")
        => _lab.StartAsync(upstreams, [], cluster: $",\"tls_context\":{context}{cluster}");

    private Task<NginxServer> NginxAsync(string certificate, string more) => NginxServer.StartAsync(
        _lab.Path("").TrimEnd('/'), "ssl", $"ssl_certificate {_lab.Path($"{certificate}.pem")}; ssl_certificate_key {_lab.Path($"{certificate}.key")}; ssl_protocols TLSv1.2 TLSv1.3; {more}");
}
