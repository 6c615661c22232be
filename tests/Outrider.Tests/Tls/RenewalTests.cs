using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Tls;

public sealed class RenewalTests : IDisposable
{
    private readonly TlsLab _lab = new();
    private readonly RawUpstream _upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

    public void Dispose()
    {
        _upstream.Dispose();
        _lab.Dispose();
    }

    [Fact]
    public async Task A_file_that_is_replaced_is_shown_to_new_connections_and_old_ones_stay()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);
        await using var old = await TlsClient.ConnectAsync(proxy.Port);

        _lab.Write("server", _lab.Authority.Issue("renewed"));

        await UntilSubjectAsync(proxy.Port, "CN=renewed");
        await old.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.EndsWith("ok", await old.ReadResponseAsync(), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => TlsLab.LogOf(proxy).Contains("[INFO] listener 'l': new connections get the certificate CN=renewed, valid until ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Renewed_files_that_cannot_be_used_leave_the_certificate_in_force()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);

        _lab.Write("server.key", _lab.Authority.Issue("other").Key);
        await Eventually.HoldsAsync(() => TlsLab.LogOf(proxy).Contains("does not belong to the certificate", StringComparison.Ordinal));
        File.Delete(_lab.Path("server.pem"));
        await Eventually.HoldsAsync(() => TlsLab.LogOf(proxy).Contains("server.pem does not exist; the certificate in force stays", StringComparison.Ordinal));

        Assert.Equal("CN=localhost", await TlsClient.SubjectAsync(proxy.Port, "localhost"));
        _lab.Write("server", _lab.Authority.Issue("whole"));
        await UntilSubjectAsync(proxy.Port, "CN=whole");
    }

    [Fact]
    public async Task A_renewed_certificate_answers_to_its_new_names()
    {
        _lab.Write("second", _lab.Authority.Issue("second", ["old.example.com"]));
        await using var proxy = await _lab.StartAsync([_upstream.Address], [_lab.Context(), _lab.Context(name: "second")]);
        Assert.Equal("CN=localhost", await TlsClient.SubjectAsync(proxy.Port, "new.example.com"));

        _lab.Write("second", _lab.Authority.Issue("second", ["new.example.com"]));

        await Eventually.HoldsAsync(() => TlsClient.SubjectAsync(proxy.Port, "new.example.com").GetAwaiter().GetResult() == "CN=second");
        Assert.Equal("CN=localhost", await TlsClient.SubjectAsync(proxy.Port, "old.example.com"));
    }

    [Fact]
    public async Task A_provider_delivers_the_certificate_and_its_renewals()
    {
        var providers = new List<TestProvider>();
        var registry = new CertificateProviderRegistry();
        registry.Add("vault", context =>
        {
            var provider = new TestProvider(context, new CertificateMaterial(_lab.Server.Pem, _lab.Server.Key, null));
            providers.Add(provider);
            return provider;
        });
        string context = """{"status":true,"type":"vault","extend_verify":{"path":"a/b"}}""";
        await using (var proxy = await _lab.StartAsync([_upstream.Address], [context], certificates: registry))
        {
            Assert.Equal("CN=localhost", await TlsClient.SubjectAsync(proxy.Port, ""));
            var provider = Assert.Single(providers);
            Assert.Equal("""{"path":"a/b"}""", System.Text.Encoding.UTF8.GetString(provider.Context.ExtendVerify.Span));
            Assert.Equal(context, System.Text.Encoding.UTF8.GetString(provider.Context.Json.Span));

            var renewed = _lab.Authority.Issue("renewed");
            provider.Renewed(new CertificateMaterial(renewed.Pem, renewed.Key, null));
            Assert.Equal("CN=renewed", await TlsClient.SubjectAsync(proxy.Port, ""));
            provider.Renewed(new CertificateMaterial(renewed.Pem, _lab.Server.Key, null));
            provider.Renewed(new CertificateMaterial(null, null, null));
            Assert.Equal("CN=renewed", await TlsClient.SubjectAsync(proxy.Port, ""));

            // A reload that leaves the context as it is leaves the provider as it is.
            string changed = _lab.Configuration([_upstream.Address], [context], listener: """,  "connection_idle_timeout": "17s" """);
            await proxy.Server.ReloadAsync(ConfigurationLoader.Parse(System.Text.Encoding.UTF8.GetBytes(changed), "test.json").Configuration);
            Assert.Equal("CN=renewed", await TlsClient.SubjectAsync(proxy.Port, ""));
            Assert.False(provider.IsDisposed);

            // One that has another context ends it.
            changed = _lab.Configuration([_upstream.Address], [_lab.Context()]);
            await proxy.Server.ReloadAsync(ConfigurationLoader.Parse(System.Text.Encoding.UTF8.GetBytes(changed), "test.json").Configuration);
            Assert.Equal("CN=localhost", await TlsClient.SubjectAsync(proxy.Port, ""));
            Assert.True(provider.IsDisposed);
        }
    }

    [Fact]
    public async Task A_provider_that_fails_keeps_the_proxy_from_starting_and_says_why()
    {
        var registry = new CertificateProviderRegistry();
        registry.Add("vault", context => new TestProvider(context, null));

        var failed = await Assert.ThrowsAsync<ConfigurationException>(() => _lab.StartAsync([_upstream.Address], ["""{"status":true,"type":"vault"}"""], certificates: registry));
        Assert.Contains("servers[0].listeners[0].filter_chains[0].tls_context_set[0]: the certificate provider 'vault' failed: sealed", failed.Message, StringComparison.Ordinal);
        failed = await Assert.ThrowsAsync<ConfigurationException>(() => _lab.StartAsync([_upstream.Address], ["""{"status":true,"type":"valt"}"""], certificates: registry));
        Assert.Contains("tls_context_set[0].type: there is no certificate provider 'valt'; there are: vault", failed.Message, StringComparison.Ordinal);
    }

    private static Task UntilSubjectAsync(int port, string subject)
        => Eventually.HoldsAsync(() => TlsClient.SubjectAsync(port, "localhost").GetAwaiter().GetResult() == subject);

    private sealed class TestProvider(CertificateProviderContext context, CertificateMaterial? material) : ICertificateProvider
    {
        internal CertificateProviderContext Context => context;

        internal Action<CertificateMaterial> Renewed { get; private set; } = null!;

        internal bool IsDisposed { get; private set; }

        public async ValueTask<CertificateMaterial> StartAsync(Action<CertificateMaterial> renewed, CancellationToken cancellationToken)
        {
            await Task.Yield();
            Renewed = renewed;
            return material ?? throw new InvalidOperationException("sealed");
        }

        public void Dispose() => IsDisposed = true;
    }
}
