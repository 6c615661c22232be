using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;

namespace Outrider.Security;

/// <summary>
/// All TLS of one configuration. A reload builds another one, which takes over the contexts that mean the same: their
/// providers run on, and clients that resume sessions notice nothing.
/// </summary>
internal sealed class TlsContextSet
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, TlsContext> _contexts = new(StringComparer.Ordinal);
    private readonly Dictionary<FilterChainConfiguration, TlsAcceptor> _acceptors = new(ReferenceEqualityComparer.Instance);
    private readonly List<TlsContextUse> _uses = [];
    private bool _keepsPlugins;

    private TlsContextSet()
    {
    }

    /// <summary>No TLS at all.</summary>
    internal static TlsContextSet Empty { get; } = new();

    /// <summary>Every context and where it is used, in the order of the configuration.</summary>
    internal IReadOnlyList<TlsContextUse> Uses => _uses;

    /// <summary>Gets the certificates of a configuration.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="registry">The providers.</param>
    /// <param name="plugins">Where providers get the plugins that they ask.</param>
    /// <param name="previous">The set in force.</param>
    /// <param name="log">The proxy's log; called from any thread.</param>
    /// <param name="keepPlugins">Keep what asks plugins: they are those of the set in force.</param>
    /// <exception cref="ConfigurationException">Lists every certificate that cannot be had or used. Nothing is kept.</exception>
    internal static async Task<TlsContextSet> BuildAsync(
        ProxyConfiguration configuration, CertificateProviderRegistry registry, IPluginRegistry plugins, TlsContextSet previous, Action<StreamLogLevel, string> log, bool keepPlugins = false)
    {
        var set = new TlsContextSet { _keepsPlugins = keepPlugins };
        var problems = new List<ConfigurationProblem>();
        using var patience = new CancellationTokenSource(s_patience);
        foreach (var (listener, chain) in configuration.Server.Listeners.SelectMany(l => l.Chains.Where(c => c.Tls.Count > 0), (l, c) => (l, c)))
        {
            var contexts = new List<TlsContext>();
            foreach (var tls in chain.Tls)
            {
                string where = $"listener '{listener.Name}'";
                if (await set.AddAsync(tls, isServer: true, where, registry, plugins, previous, log, problems, patience.Token).ConfigureAwait(false) is { } context)
                {
                    contexts.Add(context);
                }
            }

            if (contexts.Count > 0)
            {
                // The very chain that is in force goes on as it is.
                set._acceptors[chain] = previous._acceptors.GetValueOrDefault(chain) is { } same && same.Uses(contexts) ? same : new TlsAcceptor(contexts, listener.Inspector);
            }
        }

        foreach (var cluster in configuration.Clusters.Where(c => c.Tls is not null))
        {
            _ = await set.AddAsync(cluster.Tls!, isServer: false, $"cluster '{cluster.Name}'", registry, plugins, previous, log, problems, patience.Token).ConfigureAwait(false);
        }

        if (problems.Count > 0)
        {
            set.Retire(previous);
            throw new ConfigurationException(problems);
        }

        return set;
    }

    /// <summary>How a filter chain speaks TLS; null for plain text.</summary>
    internal TlsAcceptor? For(FilterChainConfiguration? chain) => chain is null ? null : _acceptors.GetValueOrDefault(chain);

    /// <summary>How a cluster's hosts are spoken to; null for plain text.</summary>
    internal TlsContext? For(ClusterConfiguration cluster) => cluster.Tls is { } tls ? _contexts[tls.Key] : null;

    /// <summary>Lets go of every context that the other set does not have.</summary>
    internal void Retire(TlsContextSet next)
    {
        foreach (var (chain, acceptor) in _acceptors)
        {
            if (next._acceptors.GetValueOrDefault(chain) != acceptor)
            {
                acceptor.Dispose();
            }
        }

        foreach (var (key, context) in _contexts)
        {
            if (next._contexts.GetValueOrDefault(key) != context)
            {
                context.Dispose();
            }
        }
    }

    private async Task<TlsContext?> AddAsync(
        TlsConfiguration tls, bool isServer, string where, CertificateProviderRegistry registry, IPluginRegistry plugins, TlsContextSet previous,
        Action<StreamLogLevel, string> log, List<ConfigurationProblem> problems, CancellationToken cancellationToken)
    {
        try
        {
            if (!_contexts.TryGetValue(tls.Key, out var context))
            {
                // A provider that asks a plugin is made anew, as the plugin belongs to its own configuration; and one whose code is another one now.
                context = previous._contexts.GetValueOrDefault(tls.Key) is { } same && (_keepsPlugins || !same.UsesPlugins) && same.Creator == registry.Find(tls.Type)
                    ? same
                    : await TlsContext.StartAsync(tls, registry, plugins, where, log, cancellationToken).ConfigureAwait(false);
                _contexts.Add(tls.Key, context);
            }

            if (isServer && context.ServerOptions is null)
            {
                throw new CertificateLoadException("cert_chain", "is missing: a listener cannot speak TLS without a certificate and its key");
            }

            _uses.Add(new TlsContextUse(where, context));
            return context;
        }
        catch (CertificateLoadException e) when (isServer && tls.Fallback)
        {
            log(StreamLogLevel.Error, $"{where}: {e.Message}; without this certificate, as fall_back says");
            return null;
        }
        catch (CertificateLoadException e)
        {
            problems.Add(tls.ProblemAt(e.Key, e.Message));
            return null;
        }
    }
}
