using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Server;
using Outrider.Tests.Configuration;

namespace Outrider.Tests.Tls;

public sealed class TlsConfigurationTests : IDisposable
{
    private const string Path = "servers[0].listeners[0].filter_chains[0].tls_context";

    private readonly TlsLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Every_key_of_MOSN_is_read()
    {
        var loaded = Listen("""
            "type": "vault", "server_name": "a.example.com", "ca_cert": "ca.pem", "cert_chain": "c.pem", "private_key": "k.pem",
            "verify_client": true, "require_client_cert": true, "insecure_skip": true, "fall_back": true,
            "cipher_suites": "ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256:TLS_CHACHA20_POLY1305_SHA256",
            "min_version": "TLSv1_2", "max_version": "TLS_AUTO", "alpn": "http/1.1", "extend_verify": {"a": 1}, "handshake_timeout": "3s"
            """);
        var tls = Assert.Single(Assert.Single(loaded.Configuration.Server.Listeners).Tls);

        Assert.Empty(loaded.Warnings);
        Assert.Equal(("vault", "a.example.com", "ca.pem", "c.pem", "k.pem"), (tls.Type, tls.ServerName, tls.CaCert, tls.CertChain, tls.PrivateKey));
        Assert.True(tls is { VerifyClient: true, RequireClientCert: true, InsecureSkip: true, Fallback: true });
        Assert.Equal([TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256], tls.CipherSuites);
        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, tls.Versions);
        Assert.Equal([SslApplicationProtocol.Http11], tls.ApplicationProtocols);
        Assert.Equal(TimeSpan.FromSeconds(3), tls.HandshakeTimeout);
        Assert.Equal("/etc/outrider", tls.BaseDirectory);
    }

    [Theory]
    [InlineData("\"min_version\": \"tlsv1_4\"", "min_version: found the string \"tlsv1_4\", wanted one of tls_auto, tlsv1_0, tlsv1_1, tlsv1_2, tlsv1_3")]
    [InlineData("\"max_version\": \"tlsv1_1\"", "max_version: TLS 1.0 and 1.1 are not spoken any more (RFC 8996), wanted tlsv1_2 or tlsv1_3")]
    [InlineData("\"min_version\": \"tlsv1_3\", \"max_version\": \"tlsv1_2\"", "min_version: is more than max_version: no version is left")]
    [InlineData("\"cipher_suites\": \"RC4-MD5\"", "cipher_suites: there is no cipher suite \"RC4-MD5\"; there are, separated by colons: ECDHE-ECDSA-AES256-GCM-SHA384, ")]
    [InlineData("\"ecdh_curves\": \"P256,p999\"", "ecdh_curves: there is no curve \"p999\"; there are, separated by commas: x25519, p256, p384, p521")]
    [InlineData("\"cert_chain\": \"a.pem\"", "private_key: is missing: a certificate and its key go together")]
    [InlineData("\"private_key\": \"a.pem\"", "cert_chain: is missing: a certificate and its key go together")]
    [InlineData("\"verify_client\": \"yes\"", "verify_client: found the string \"yes\", wanted true or false")]
    [InlineData("\"sds_source\": {\"CertificateConfig\": {}}", "sds_source: certificates by SDS are not supported yet")]
    public void What_cannot_be_done_is_an_error_at_its_key(string keys, string error)
        => Assert.StartsWith($"{Path}.{error}", Sample.Line(Assert.Single(Assert.Throws<ConfigurationException>(() => Listen(keys)).Problems)), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"min_version\": \"tlsv1_0\"", "min_version: TLS 1.0 and 1.1 are not spoken any more (RFC 8996); taken as tlsv1_2")]
    [InlineData("\"ecdh_curves\": \"X25519\"", "ecdh_curves: is not honoured: OpenSSL's own choice of curves is used")]
    [InlineData("\"ticket\": \"abc\"", "ticket: not supported yet, ignored")]
    [InlineData("\"cert_chian\": \"abc\"", "cert_chian: unknown key")]
    [InlineData("\"require_client_cert\": true", "require_client_cert: without verify_client a certificate is asked for but none is needed, and any will do (as in MOSN)")]
    public void What_is_not_honoured_is_a_warning(string keys, string warning)
        => Assert.Equal($"{Path}.{warning}", Sample.Line(Assert.Single(Listen(keys).Warnings)));

    [Fact]
    public void A_context_that_says_nothing_of_its_status_is_off_and_says_so()
        => Assert.Equal(
            $"{Path}.status: is not given, so TLS is off; \"status\": true turns it on",
            new Sample { FilterChain = """, "tls_context": {"cert_chain": "a", "private_key": "b"}""" }.Warning());

    [Fact]
    public void A_cluster_may_use_the_context_of_all_clusters()
    {
        var configuration = Sample.Parse(new Sample { Cluster = """, "cluster_manager_tls": true""" }.ToString()
            .Replace("\"cluster_manager\": {", "\"cluster_manager\": { \"tls_context\": {\"status\": true, \"server_name\": \"all\"},", StringComparison.Ordinal)).Configuration;

        Assert.Equal("all", Assert.Single(configuration.Clusters).Tls!.ServerName);
    }

    [Fact]
    public async Task Files_that_cannot_be_used_are_errors_that_name_key_and_file()
    {
        _lab.Write("other", _lab.Authority.Issue("other"));
        _lab.Write("empty.pem", "no certificate at all\n");
        _lab.Write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        _lab.Write("locked.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");

        await RefusedAsync("cert_chain", $"{_lab.Path("none.pem")} does not exist", "none.pem", "server.key");
        await RefusedAsync("private_key", $"{_lab.Path("none.key")} does not exist", "server.pem", "none.key");
        await RefusedAsync("private_key", $"the private key does not belong to the certificate CN=localhost in {_lab.Path("server.pem")}", "server.pem", "other.key");
        await RefusedAsync("cert_chain", $"there is no certificate in {_lab.Path("empty.pem")}", "empty.pem", "server.key");
        await RefusedAsync("cert_chain", $"a certificate in {_lab.Path("broken.pem")} cannot be read", "broken.pem", "server.key");
        await RefusedAsync("private_key", "the private key is encrypted", "server.pem", "locked.key");
        await RefusedAsync("private_key", "there is no private key", "server.pem", "empty.pem");
        await RefusedAsync("cert_chain", $"{_lab.Path(".")[..^2]} is a directory, not a file", ".", "server.key");
        await RefusedAsync("ca_cert", "there is no certificate", "server.pem", "server.key", $$""","ca_cert":"{{_lab.Path("empty.pem")}}" """);
    }

    [Fact]
    public async Task A_listener_without_a_certificate_does_not_start_unless_it_may_fall_back()
    {
        var failed = await Assert.ThrowsAsync<ConfigurationException>(() => _lab.StartAsync([], ["""{"status":true}"""]));
        Assert.Contains("tls_context_set[0].cert_chain: is missing: a listener cannot speak TLS without a certificate and its key", failed.Message, StringComparison.Ordinal);

        using var upstream = Harness.RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await _lab.StartAsync([upstream.Address], ["""{"status":true,"fall_back":true,"cert_chain":"none.pem","private_key":"none.key"}"""]);
        Assert.EndsWith("ok", await Harness.RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains("none.pem does not exist; without this certificate, as fall_back says", TlsLab.LogOf(proxy), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PEM_may_stand_in_the_configuration_itself_and_paths_start_at_its_folder()
    {
        string inline = System.Text.Json.JsonSerializer.Serialize(new { status = true, cert_chain = _lab.Server.Pem, private_key = _lab.Server.Key });
        string json = _lab.Configuration([], [inline, """{"status":true,"cert_chain":"server.pem","private_key":"server.key"}"""]);
        var warnings = new List<string>();

        await ProxyServer.CheckAsync(
            ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), _lab.Path("outrider.json")).Configuration, new StreamFilterRegistry(), warn: warnings.Add);

        Assert.Empty(warnings);
    }

    private async Task RefusedAsync(string key, string message, string certificate, string privateKey, string more = "")
    {
        string context = $$"""{"status":true,"cert_chain":"{{_lab.Path(certificate)}}","private_key":"{{_lab.Path(privateKey)}}"{{more}}}""";
        string json = _lab.Configuration([], [context]);
        var configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration;

        var problem = Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(() => ProxyServer.CheckAsync(configuration, new StreamFilterRegistry()))).Problems);

        Assert.Equal($"{Path}_set[0].{key}", problem.JsonPath);
        Assert.StartsWith(message, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("MIG", problem.Message, StringComparison.Ordinal);
    }

    private static LoadedConfiguration Listen(string keys) => new Sample { FilterChain = $$""", "tls_context": { "status": true, {{keys}} }""" }.Load();
}
