using System.Security.Authentication;
using Outrider.Filters;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Tls;

public sealed class ClientCertificateTests : IDisposable
{
    private readonly TlsLab _lab = new();
    private readonly RawUpstream _upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

    private string Required => _lab.Context($$""","verify_client":true,"require_client_cert":true,"ca_cert":"{{_lab.Path("ca.pem")}}" """);

    public void Dispose()
    {
        _upstream.Dispose();
        _lab.Dispose();
    }

    [FactWith("openssl")]
    public async Task Where_a_certificate_is_required_none_other_than_a_valid_one_gets_in()
    {
        using var other = new TestAuthority("Other CA");
        _lab.Write("alice", _lab.Authority.Issue("alice", ["alice.example.com"]));
        _lab.Write("mallory", other.Issue("mallory"));
        _lab.Write("old", _lab.Authority.Issue("old", days: -1));
        await using var proxy = await _lab.StartAsync([_upstream.Address], [Required]);
        foreach (string version in new[] { "-tls1_2", "-tls1_3" })
        {
            Assert.Contains("HTTP/1.1 200 OK", await TlsLab.SClientAsync(proxy.Port, version, "-cert", _lab.Path("alice.pem"), "-key", _lab.Path("alice.key")), StringComparison.Ordinal);
            foreach (string[] certificate in new string[][] { [], ["-cert", _lab.Path("mallory.pem"), "-key", _lab.Path("mallory.key")], ["-cert", _lab.Path("old.pem"), "-key", _lab.Path("old.key")] })
            {
                string output = await TlsLab.SClientAsync(proxy.Port, [version, .. certificate]);
                Assert.DoesNotContain("HTTP/1.1", output, StringComparison.Ordinal);
            }
        }

        await Eventually.HoldsAsync(() => (proxy.Stats.TlsHandshakes, proxy.Stats.TlsFailures) == (2, 6));
        Assert.Equal(2, _upstream.Received.Split("GET / ").Length - 1);
        string log = TlsLab.LogOf(proxy);
        Assert.Contains("client 127.0.0.1:", log, StringComparison.Ordinal);
        Assert.Contains("TLS handshake failed: The remote certificate is invalid according to the validation procedure: RemoteCertificateNotAvailable", log, StringComparison.Ordinal);
        Assert.Contains("TLS handshake failed: The remote certificate is invalid because of errors in the certificate chain: ", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_asks_for_a_certificate_is_not_entered_by_another_one()
    {
        _lab.Write("public", _lab.Authority.Issue("public.test", ["public.test", "*.open.test"]));
        _lab.Write("admin", _lab.Authority.Issue("admin.test", ["admin.test", "*.closed.test"]));
        var alice = _lab.Authority.Issue("alice");
        string admin = _lab.Context($$""","verify_client":true,"require_client_cert":true,"ca_cert":"{{_lab.Path("ca.pem")}}" """, "admin");
        await using var proxy = await _lab.StartAsync([_upstream.Address], [_lab.Context(name: "public"), admin]);
        await using (var client = await TlsClient.ConnectAsync(proxy.Port, "public.test"))
        {
            foreach (string request in new[]
            {
                "GET / HTTP/1.1\r\nhost: admin.test\r\n\r\n", "GET / HTTP/1.1\r\nhost: ADMIN.test\r\n\r\n", "GET / HTTP/1.1\r\nhost: admin.test:443\r\n\r\n",
                "GET / HTTP/1.1\r\nhost: Admin.Test.:8443\r\n\r\n", "GET https://admin.test/ HTTP/1.1\r\nhost: public.test\r\n\r\n", "GET / HTTP/1.1\r\nhost: a.b.closed.test\r\n\r\n",
            })
            {
                await client.SendAsync(request);
                Assert.StartsWith("HTTP/1.1 421 Misdirected Request\r\n", await client.ReadResponseAsync(), StringComparison.Ordinal);
            }

            Assert.Equal("", _upstream.Received);
            foreach (string host in new[] { "public.test", "PUBLIC.test.:1", "x.open.test", "unknown.test" })
            {
                await client.SendAsync($"GET / HTTP/1.1\r\nhost: {host}\r\n\r\n");
                Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadResponseAsync(), StringComparison.Ordinal);
            }
        }

        // Whoever has shown more than is asked for may go on to the open name.
        await using var strict = await TlsClient.ConnectAsync(proxy.Port, "admin.test", alice);
        foreach (string host in new[] { "admin.test", "public.test" })
        {
            await strict.SendAsync($"GET / HTTP/1.1\r\nhost: {host}\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", await strict.ReadResponseAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_handshake_without_a_name_opens_what_asks_for_no_more_than_the_first_context()
    {
        _lab.Write("public", _lab.Authority.Issue("public.test", ["public.test"]));
        _lab.Write("admin", _lab.Authority.Issue("admin.test", ["admin.test"]));
        string admin = _lab.Context($$""","verify_client":true,"require_client_cert":true,"ca_cert":"{{_lab.Path("ca.pem")}}" """, "admin");
        await using var proxy = await _lab.StartAsync([_upstream.Address], [_lab.Context(name: "public"), admin]);
        await using var client = await TlsClient.ConnectAsync(proxy.Port, "");

        await AssertAnswersAsync(client, ("admin.test", 421), ("public.test", 200), ("nobody.test", 200));
    }

    [Fact]
    public async Task A_certificate_of_one_names_authority_is_none_for_a_name_with_another_authority()
    {
        using var other = new TestAuthority("Other CA");
        _lab.Write("other.pem", other.Pem);
        _lab.Write("a", _lab.Authority.Issue("a.test", ["a.test"]));
        _lab.Write("b", _lab.Authority.Issue("b.test", ["b.test"]));
        string Asking(string name, string authority) => _lab.Context($$""","verify_client":true,"require_client_cert":true,"ca_cert":"{{_lab.Path(authority)}}" """, name);
        await using var proxy = await _lab.StartAsync([_upstream.Address], [Asking("a", "ca.pem"), Asking("b", "other.pem")]);
        await using var toA = await TlsClient.ConnectAsync(proxy.Port, "a.test", _lab.Authority.Issue("alice"));
        await using var toB = await TlsClient.ConnectAsync(proxy.Port, "b.test", other.Issue("bob"));

        await AssertAnswersAsync(toA, ("b.test", 421), ("a.test", 200));
        await AssertAnswersAsync(toB, ("a.test", 421), ("b.test", 200));
    }

    [Fact]
    public async Task A_version_or_cipher_suite_that_a_name_does_not_allow_is_not_taken_from_another_names_handshake()
    {
        _lab.Write("open", _lab.Authority.Issue("open.test", ["open.test"]));
        _lab.Write("new", _lab.Authority.Issue("new.test", ["new.test"]));
        _lab.Write("strong", _lab.Authority.Issue("strong.test", ["strong.test"]));
        await using var proxy = await _lab.StartAsync([_upstream.Address],
        [
            _lab.Context(""","cipher_suites":"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256" """, "open"),
            _lab.Context(""","min_version":"TLSv1_3" """, "new"),
            _lab.Context(""","cipher_suites":"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384" """, "strong"),
        ]);
        await using var old = await TlsClient.ConnectAsync(proxy.Port, "open.test", versions: SslProtocols.Tls12);
        await using var today = await TlsClient.ConnectAsync(proxy.Port, "open.test", versions: SslProtocols.Tls13);

        await AssertAnswersAsync(old, ("new.test", 421), ("strong.test", 421), ("open.test", 200));
        await AssertAnswersAsync(today, ("new.test", 200), ("strong.test", 200), ("open.test", 200));
    }

    private static async Task AssertAnswersAsync(TlsClient client, params (string Host, int Status)[] answers)
    {
        foreach (var (host, status) in answers)
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nhost: {host}\r\n\r\n");
            string response = await client.ReadResponseAsync();
            Assert.True(response.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{host}: {response}");
        }
    }

    [FactWith("openssl")]
    public async Task A_resumed_session_does_not_get_around_the_certificate()
    {
        _lab.Write("alice", _lab.Authority.Issue("alice"));
        await using var open = await _lab.StartAsync([_upstream.Address]);
        await using var proxy = await _lab.StartAsync([_upstream.Address], [Required]);
        foreach (string version in new[] { "-tls1_2", "-tls1_3" })
        {
            // The same certificate, so perhaps the same keys for tickets; but no client certificate was asked for.
            _ = await TlsLab.SClientAsync(open.Port, version, "-sess_out", _lab.Path("session"));
            Assert.DoesNotContain("HTTP/1.1", await TlsLab.SClientAsync(proxy.Port, version, "-sess_in", _lab.Path("session")), StringComparison.Ordinal);

            // And one that had a certificate is as good as before.
            _ = await TlsLab.SClientAsync(proxy.Port, version, "-cert", _lab.Path("alice.pem"), "-key", _lab.Path("alice.key"), "-sess_out", _lab.Path("session"));
            string resumed = await TlsLab.SClientAsync(proxy.Port, version, "-cert", _lab.Path("alice.pem"), "-key", _lab.Path("alice.key"), "-sess_in", _lab.Path("session"));
            Assert.Contains("HTTP/1.1 200 OK", resumed, StringComparison.Ordinal);
        }
    }

    [FactWith("openssl")]
    public async Task Where_a_certificate_is_verified_but_not_required_none_is_fine_and_a_bad_one_is_not()
    {
        using var other = new TestAuthority("Other CA");
        _lab.Write("alice", _lab.Authority.Issue("alice"));
        _lab.Write("mallory", other.Issue("mallory"));
        await using var proxy = await _lab.StartAsync([_upstream.Address], [_lab.Context($$""","verify_client":true,"ca_cert":"{{_lab.Path("ca.pem")}}" """)]);

        Assert.Contains("HTTP/1.1 200 OK", await TlsLab.SClientAsync(proxy.Port), StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200 OK", await TlsLab.SClientAsync(proxy.Port, "-cert", _lab.Path("alice.pem"), "-key", _lab.Path("alice.key")), StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1", await TlsLab.SClientAsync(proxy.Port, "-cert", _lab.Path("mallory.pem"), "-key", _lab.Path("mallory.key")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filters_see_who_the_client_is_also_when_it_has_gone()
    {
        var alice = _lab.Authority.Issue("alice", ["alice.example.com", "10.1.2.3", "spiffe://example.com/alice"]);
        foreach (bool whenLogging in new[] { false, true })
        {
            var seen = new TaskCompletionSource<StreamTls?>();
            await using var proxy = await _lab.StartAsync([_upstream.Address], [Required], filter: TlsWitness.Factory(seen, whenLogging));

            Assert.EndsWith("ok", await TlsClient.GetAsync(proxy.Port, certificate: alice), StringComparison.Ordinal);

            var peer = (await seen.Task.SoonAsync())!.PeerCertificate!;
            Assert.Equal("CN=alice", peer.Subject);
            Assert.Equal(["alice.example.com", "10.1.2.3", "spiffe://example.com/alice"], peer.AlternativeNames);
            using var loaded = alice.Load();
            Assert.Equal(loaded.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256), peer.Fingerprint, ignoreCase: true);
        }
    }

    [FactWith("openssl")]
    public async Task Filters_ask_for_it_by_Envoys_names()
    {
        _lab.Write("alice", _lab.Authority.Issue("alice", ["10.1.2.3", "spiffe://example.com/alice", "::1", "alice.example.com", "other.example.com"]));
        var seen = new TaskCompletionSource<string?[]>();
        var script = new Filters.Script
        {
            DecodeHeaders = (filter, _, _) =>
            {
                string[] names = ["tls_version", "requested_server_name", "subject_peer_certificate", "dns_san_peer_certificate", "uri_san_peer_certificate", "sha256_peer_certificate_digest"];
                _ = seen.TrySetResult([.. names.Select(name => filter.Context.GetAttribute("connection." + name)), filter.Context.GetAttributeFlag("connection.mtls").ToString(), filter.Context.GetAttribute("request.scheme")]);
                return FilterAction.Continue;
            },
        };
        await using var proxy = await _lab.StartAsync([_upstream.Address], [Required], filter: script);

        _ = await TlsLab.SClientAsync(proxy.Port, "-tls1_3", "-servername", "example.com", "-cert", _lab.Path("alice.pem"), "-key", _lab.Path("alice.key"));

        string?[] values = await seen.Task.SoonAsync();
        Assert.Equal("TLSv1.3 example.com CN=alice alice.example.com spiffe://example.com/alice", string.Join(" ", values[..5]));
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(_lab.Path("alice.pem"));
        Assert.Equal(certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256), values[5], ignoreCase: true);
        Assert.Equal("True https", string.Join(" ", values[6..]));
    }
}
