using System.Net.Security;
using System.Security.Authentication;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Tls;

public sealed class HandshakeTests : IDisposable
{
    private const string Answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    private readonly TlsLab _lab = new();
    private readonly RawUpstream _upstream = RawUpstream.Answering(Answer);

    public void Dispose()
    {
        _upstream.Dispose();
        _lab.Dispose();
    }

    [FactWith("openssl")]
    public async Task OpenSSL_speaks_TLS_1_2_and_1_3()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);
        foreach (string version in new[] { "1_2", "1_3" })
        {
            string output = await TlsLab.SClientAsync(proxy.Port, $"-tls{version}", "-CAfile", _lab.Path("ca.pem"), "-verify_return_error", "-servername", "localhost");

            Assert.Contains("Verify return code: 0 (ok)", output, StringComparison.Ordinal);
            Assert.Contains($"New, TLSv{version.Replace('_', '.')}, Cipher is", output, StringComparison.Ordinal);
            Assert.Contains("HTTP/1.1 200 OK", output, StringComparison.Ordinal);
            Assert.DoesNotContain("unexpected eof", output, StringComparison.Ordinal);
        }

        Assert.Equal(2, proxy.Stats.TlsHandshakes);
        Assert.Equal(0, proxy.Stats.TlsFailures);
    }

    [FactWith("curl")]
    public async Task Curl_gets_its_answer_and_trusts_the_certificate()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);

        string output = await TlsLab.RunAsync("curl", "", "-sS", "--cacert", _lab.Path("ca.pem"), "-w", " %{http_code} %{ssl_verify_result}", $"https://localhost:{proxy.Port}/", "--resolve", $"localhost:{proxy.Port}:127.0.0.1");

        Assert.Equal("ok 200 0", output.Trim());
    }

    [FactWith("curl")]
    public async Task Curl_refuses_a_certificate_of_another_authority_and_an_expired_one()
    {
        using var other = new TestAuthority("Other CA");
        _lab.Write("other.pem", other.Pem);
        _lab.Write("old", _lab.Authority.Issue("localhost", days: -1));
        await using var proxy = await _lab.StartAsync([_upstream.Address]);
        await using var expired = await _lab.StartAsync([_upstream.Address], [_lab.Context(name: "old")]);

        string wrongCa = await TlsLab.RunAsync("curl", "", "-sS", "--cacert", _lab.Path("other.pem"), $"https://localhost:{proxy.Port}/", "--resolve", $"localhost:{proxy.Port}:127.0.0.1");
        string tooOld = await TlsLab.RunAsync("curl", "", "-sS", "--cacert", _lab.Path("ca.pem"), $"https://localhost:{expired.Port}/", "--resolve", $"localhost:{expired.Port}:127.0.0.1");

        Assert.Contains("unable to get local issuer certificate", wrongCa, StringComparison.Ordinal);
        Assert.Contains("certificate has expired", tooOld, StringComparison.Ordinal);
        Assert.Contains($"[WARN] listener 'l': the certificate CN=localhost in {_lab.Path("old.pem")} expired on ", TlsLab.LogOf(expired), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Stats.TlsFailures == 1 && expired.Stats.TlsFailures == 1);
        string log = TlsLab.LogOf(expired) + TlsLab.LogOf(proxy);
        Assert.Contains("TLS handshake failed: ", log, StringComparison.Ordinal);
        Assert.Contains("unknown ca", log, StringComparison.OrdinalIgnoreCase);
    }

    [FactWith("openssl")]
    public async Task Versions_outside_the_configured_range_are_refused()
    {
        await using var newOnly = await _lab.StartAsync([_upstream.Address], [_lab.Context(""","min_version":"TLSv1_3" """)]);
        await using var oldOnly = await _lab.StartAsync([_upstream.Address], [_lab.Context(""","max_version":"TLSv1_2" """)]);

        Assert.Contains("New, TLSv1.3", await TlsLab.SClientAsync(newOnly.Port), StringComparison.Ordinal);
        Assert.Contains("alert protocol version", await TlsLab.SClientAsync(newOnly.Port, "-tls1_2"), StringComparison.Ordinal);
        Assert.Contains("New, TLSv1.2", await TlsLab.SClientAsync(oldOnly.Port), StringComparison.Ordinal);
        Assert.Contains("alert protocol version", await TlsLab.SClientAsync(oldOnly.Port, "-tls1_3"), StringComparison.Ordinal);
        Assert.Contains("alert protocol version", await TlsLab.SClientAsync(oldOnly.Port, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), StringComparison.Ordinal);
    }

    [FactWith("openssl")]
    public async Task Only_the_configured_cipher_suites_are_spoken()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address], [_lab.Context(""","cipher_suites":"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256" """)]);

        Assert.Contains("Cipher is ECDHE-ECDSA-AES128-GCM-SHA256", await TlsLab.SClientAsync(proxy.Port, "-tls1_2"), StringComparison.Ordinal);
        Assert.Contains("alert handshake failure", await TlsLab.SClientAsync(proxy.Port, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"), StringComparison.Ordinal);
        Assert.Contains("New, TLSv1.3", await TlsLab.SClientAsync(proxy.Port), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_certificate_is_chosen_by_the_name_that_the_client_asks_for()
    {
        _lab.Write("exact", _lab.Authority.Issue("a.example.com"));
        _lab.Write("wild", _lab.Authority.Issue("wild", ["*.example.com"]));
        _lab.Write("named", _lab.Authority.Issue("named", ["named.example.net"]));
        await using var proxy = await _lab.StartAsync(
            [_upstream.Address],
            [_lab.Context(), _lab.Context(name: "wild"), _lab.Context(name: "exact"), _lab.Context(""","server_name":"other.org" """, "named")]);

        Assert.Equal("CN=a.example.com", await TlsClient.SubjectAsync(proxy.Port, "a.example.com"));
        Assert.Equal("CN=a.example.com", await TlsClient.SubjectAsync(proxy.Port, "A.Example.COM"));
        Assert.Equal("CN=wild", await TlsClient.SubjectAsync(proxy.Port, "b.example.com"));
        Assert.Equal("CN=wild", await TlsClient.SubjectAsync(proxy.Port, "c.b.example.com"));
        Assert.Equal("CN=named", await TlsClient.SubjectAsync(proxy.Port, "named.example.net"));
        Assert.Equal("CN=named", await TlsClient.SubjectAsync(proxy.Port, "other.org"));
        Assert.Equal("CN=localhost", await TlsClient.SubjectAsync(proxy.Port, "nobody.org"));
        Assert.Equal("CN=localhost", await TlsClient.SubjectAsync(proxy.Port, ""));
    }

    [FactWith("openssl")]
    public async Task ALPN_agrees_on_http_1_1_and_on_nothing_else_where_the_listener_speaks_nothing_else()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address], [_lab.Context(""","alpn":"h2,http/1.1" """)]);

        Assert.Contains("ALPN protocol: http/1.1", await TlsLab.SClientAsync(proxy.Port, "-alpn", "h2,http/1.1"), StringComparison.Ordinal);
        Assert.Contains("alert no application protocol", await TlsLab.SClientAsync(proxy.Port, "-alpn", "h2"), StringComparison.Ordinal);
        Assert.Contains("No ALPN negotiated", await TlsLab.SClientAsync(proxy.Port), StringComparison.Ordinal);
    }

    [FactWith("openssl")]
    public async Task Sessions_are_resumed()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);
        int resumed = 0;
        foreach (string version in new[] { "-tls1_2", "-tls1_3" })
        {
            string session = _lab.Path($"session{version}");
            string first = await TlsLab.SClientAsync(proxy.Port, version, "-sess_out", session);
            string second = await TlsLab.SClientAsync(proxy.Port, version, "-sess_in", session);

            Assert.Contains("New, TLSv1.", first, StringComparison.Ordinal);
            Assert.Contains("Reused, TLSv1.", second, StringComparison.Ordinal);
            Assert.Contains("HTTP/1.1 200 OK", second, StringComparison.Ordinal);
            Assert.Equal(++resumed, proxy.Stats.TlsResumptions);
        }

        // Without tickets TLS 1.2 goes by the session's number.
        string numbered = _lab.Path("session");
        _ = await TlsLab.SClientAsync(proxy.Port, "-tls1_2", "-no_ticket", "-sess_out", numbered);
        Assert.Contains("Reused, TLSv1.2", await TlsLab.SClientAsync(proxy.Port, "-tls1_2", "-no_ticket", "-sess_in", numbered), StringComparison.Ordinal);
        Assert.Equal((6, 3), (proxy.Stats.TlsHandshakes, proxy.Stats.TlsResumptions));
    }

    [FactWith("openssl")]
    public async Task Renegotiation_is_refused()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);

        // "R" on a line of its own asks for it.
        string output = await TlsLab.RunAsync("openssl", "R\n~", "s_client", "-connect", $"127.0.0.1:{proxy.Port}", "-tls1_2");

        Assert.Contains("RENEGOTIATING", output, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0);
        Assert.Contains("TLS failed: The remote party requested renegotiation", TlsLab.LogOf(proxy), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filters_upstreams_redirects_and_the_access_log_see_that_it_was_https()
    {
        var seen = new TaskCompletionSource<Outrider.Filters.StreamTls?>();
        await using (var proxy = await _lab.StartAsync(
            [_upstream.Address],
            route: """[{"match":{"path":"/moved"},"redirect":{"path_redirect":"/new"}},{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]""",
            filter: TlsWitness.Factory(seen),
            accessLog: "%requested_server_name% %request_scheme%"))
        {
            await using var client = await TlsClient.ConnectAsync(proxy.Port, "localhost", versions: SslProtocols.Tls12);
            await client.SendAsync("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
            Assert.EndsWith("ok", await client.ReadResponseAsync(), StringComparison.Ordinal);
            await client.SendAsync("GET /moved HTTP/1.1\r\nhost: localhost\r\n\r\n");
            Assert.Equal("https://localhost/new", WireReader.Field(await client.ReadResponseAsync(), "location"));

            var tls = (await seen.Task.SoonAsync())!;
            Assert.Equal(("TLSv1.2", "localhost"), (tls.Version, tls.ServerName));
            Assert.Equal(client.Stream.NegotiatedCipherSuite.ToString(), tls.CipherSuite);
            Assert.Null(tls.PeerCertificate);
            Assert.Contains("\r\nx-forwarded-proto: https\r\n", _upstream.Received, StringComparison.Ordinal);
        }

        Assert.Equal("localhost https", File.ReadAllLines(_lab.Path("access.log"))[0]);
    }

    [Fact]
    public async Task The_admin_API_shows_certificates_and_handshakes()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);
        _ = await TlsClient.GetAsync(proxy.Port);
        using var http = new HttpClient();

        string certificates = await http.GetStringAsync($"http://{proxy.AdminEndPoint}/api/v1/certificates");
        string metrics = await http.GetStringAsync($"http://{proxy.AdminEndPoint}/metrics");

        Assert.Contains("\"subject\": \"CN=localhost\"", certificates, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", certificates, StringComparison.Ordinal);
        Assert.Contains("outrider_tls_handshakes_total{result=\"full\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_certificate_not_after_seconds{used_by=\"listener 'l'\",subject=\"CN=localhost\"} ", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_requests_go_over_one_connection()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);
        await using var client = await TlsClient.ConnectAsync(proxy.Port);
        for (int i = 0; i < 200; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            Assert.EndsWith("ok", await client.ReadResponseAsync(), StringComparison.Ordinal);
        }

        // And pipelined: all in one record, answered one by one.
        await client.SendAsync(string.Concat(Enumerable.Repeat("GET / HTTP/1.1\r\nhost: a\r\n\r\n", 50)));
        string answers = System.Text.Encoding.Latin1.GetString(await client.ReadAsync(50 * Answer.Length));
        Assert.Equal(50, answers.Split("HTTP/1.1 200 OK").Length - 1);
    }
}
