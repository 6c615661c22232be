using System.Collections.Concurrent;
using System.Net.Security;
using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Security;

/// <summary>
/// One <c>tls_context</c> at work: its provider, and the credentials of now. A renewal replaces them as a whole, for
/// connections that begin afterwards. Any thread.
/// </summary>
internal sealed class TlsContext : IDisposable
{
    private readonly ICertificateProvider _provider;
    private readonly Action<StreamLogLevel, string> _log;
    private readonly string _where;
    private volatile Generation? _current;
    private bool _started;

    private TlsContext(TlsConfiguration configuration, ICertificateProvider provider, string where, Action<StreamLogLevel, string> log)
    {
        Configuration = configuration;
        _provider = provider;
        _where = where;
        _log = log;
    }

    // What belongs to one set of credentials. Options for clients are made for each name that is asked for, once.
    private sealed class Generation(TlsCredentials credentials, SslServerAuthenticationOptions? server)
    {
        internal TlsCredentials Credentials => credentials;

        internal SslServerAuthenticationOptions? Server => server;

        internal ConcurrentDictionary<(string Host, string Protocol), SslClientAuthenticationOptions> Clients { get; } = [];
    }

    /// <summary>What made the provider; null where none is named.</summary>
    internal CertificateProviderCreator? Creator { get; private init; }

    /// <summary>Does the provider ask a plugin in another process?</summary>
    internal bool UsesPlugins { get; private init; }

    /// <summary>What the configuration says.</summary>
    internal TlsConfiguration Configuration { get; }

    /// <summary>Called after a renewal, on the provider's thread.</summary>
    internal event Action? Renewed;

    /// <summary>The credentials of now; null where there are none to be had (<c>fall_back</c>).</summary>
    internal TlsCredentials? Credentials => _current?.Credentials;

    /// <summary>The options of a listener; null where there is no certificate.</summary>
    internal SslServerAuthenticationOptions? ServerOptions => _current?.Server;

    /// <summary>Makes a context and gets its first credentials.</summary>
    /// <exception cref="CertificateLoadException">They cannot be had or used.</exception>
    internal static async Task<TlsContext> StartAsync(
        TlsConfiguration configuration, CertificateProviderRegistry registry, IPluginRegistry plugins, string where, Action<StreamLogLevel, string> log, CancellationToken cancellationToken)
    {
        var used = new PluginUse(plugins);
        var context = new TlsContext(configuration, CreateProvider(configuration, registry, used, message => log(StreamLogLevel.Warn, $"{where}: {message}")), where, log)
        {
            UsesPlugins = used.Any,
            Creator = registry.Find(configuration.Type),
        };
        try
        {
            var material = await context._provider.StartAsync(context.OnRenewed, cancellationToken).ConfigureAwait(false);
            context.Use(TlsCredentials.Parse(material));
            context._started = true;
            return context;
        }
        catch (Exception e)
        {
            context.Dispose();
            throw e is CertificateLoadException ? e : new CertificateLoadException("", e is OperationCanceledException
                ? $"the certificate provider '{configuration.Type}' did not answer in time"
                : $"the certificate provider '{configuration.Type}' failed: {e.Message}");
        }
    }

    /// <summary>The name that a host is asked for, and that its certificate must have.</summary>
    /// <param name="hostname">The host's configured name, or empty.</param>
    /// <param name="address">The host's address as it is configured, with its port.</param>
    internal string NameOf(string hostname, string address)
    {
        if (Configuration.ServerName is { Length: > 0 } configured)
        {
            return configured;
        }

        if (hostname.Length > 0)
        {
            return hostname;
        }

        int colon = address.LastIndexOf(':');
        return colon > 0 ? address[..colon].Trim('[', ']') : address;
    }

    /// <summary>The options for a host of that name.</summary>
    /// <param name="host">The name.</param>
    /// <param name="protocolKey">Tells what is offered from what is offered to others.</param>
    /// <param name="protocols">What ALPN offers, the best first; null for what HTTP/1 needs.</param>
    internal SslClientAuthenticationOptions ClientOptions(string host, string protocolKey = "", List<SslApplicationProtocol>? protocols = null)
    {
        var current = _current!;
        return current.Clients.GetOrAdd(
            (host, protocolKey),
            static (key, context) => TlsOptions.ForClient(context.Configuration, context.Credentials, key.Host, context.protocols),
            (Configuration, current.Credentials, protocols));
    }

    /// <summary>Lets go of the provider. What has been handed out stays good.</summary>
    public void Dispose() => _provider.Dispose();

    private static ICertificateProvider CreateProvider(TlsConfiguration configuration, CertificateProviderRegistry registry, IPluginRegistry plugins, Action<string> warn)
    {
        if (configuration.Type.Length == 0)
        {
            return new FileCertificateProvider(configuration, warn);
        }

        if (registry.Find(configuration.Type) is not { } creator)
        {
            string others = registry.Names.Count > 0 ? "; there are: " + string.Join(", ", registry.Names) : "; without a type, cert_chain and private_key are read";
            throw new CertificateLoadException("type", $"there is no certificate provider '{configuration.Type}'{others}");
        }

        try
        {
            return creator(new CertificateProviderContext(
                configuration.Type, configuration.Entry.Json, configuration.ExtendVerify?.Json ?? default, configuration.BaseDirectory, warn)
            {
                Plugins = plugins,
            });
        }
        catch (Exception e)
        {
            throw new CertificateLoadException("extend_verify", $"the certificate provider '{configuration.Type}' cannot be made: {e.Message}");
        }
    }

    private void OnRenewed(CertificateMaterial material)
    {
        try
        {
            var credentials = TlsCredentials.Parse(material);
            Use(credentials);
            _log(StreamLogLevel.Info, credentials.Certificate is { } certificate
                ? $"{_where}: new connections get the certificate {certificate.Subject}, valid until {TlsCredentials.Utc(certificate.NotAfter)}"
                : $"{_where}: new connections trust new authorities");
            Renewed?.Invoke();
        }
        catch (Exception e)
        {
            _log(StreamLogLevel.Error, $"{_where}: {e.Message}; the certificate in force stays");
        }
    }

    private void Use(TlsCredentials credentials)
    {
        if (credentials.Warning(DateTime.UtcNow) is { } warning)
        {
            _log(StreamLogLevel.Warn, $"{_where}: {warning}");
        }

        if (_started && _current?.Server is not null && credentials.Context is null)
        {
            throw new CertificateLoadException("", "the provider delivered no certificate");
        }

        _current = new Generation(credentials, credentials.Context is null ? null : TlsOptions.ForServer(Configuration, credentials));
    }
}
