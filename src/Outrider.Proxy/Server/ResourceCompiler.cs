using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Configuration.Sources;
using Outrider.Filters;
using Outrider.Proxy.Plugins;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Snapshots;
using Outrider.Security;
using Outrider.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>
/// Compiles the resources of one update, each on top of those before it: one that is refused leaves things as they would be without it. Nothing
/// comes into force here. One thread at a time, once.
/// </summary>
/// <param name="source">Who brings them.</param>
/// <param name="runtime">The loops.</param>
/// <param name="listeners">The listeners in force.</param>
/// <param name="upstreams">The clusters in force.</param>
/// <param name="parts">What configurations can name.</param>
/// <param name="layers">What is in force.</param>
/// <param name="routers">The routers in force.</param>
/// <param name="tls">The certificates in force.</param>
/// <param name="plugins">The plugins in force, among which those stay that are named anew.</param>
internal sealed class ResourceCompiler(
    string source, ProxyRuntime runtime, ProxyListeners listeners, ProxyUpstreams upstreams, ProxyParts parts,
    LayeredConfiguration layers, IReadOnlyDictionary<string, CompiledRouter> routers, TlsContextSet tls, IPluginGeneration plugins)
{
    // The order in which they come into force; what is removed goes in the reverse.
    private static readonly ConfigurationResourceKind[] s_order =
        [ConfigurationResourceKind.Cluster, ConfigurationResourceKind.Hosts, ConfigurationResourceKind.Router, ConfigurationResourceKind.Listener];

    private readonly TlsContextSet _tlsInForce = tls;
    private readonly Dictionary<ResourceName, IReadOnlyList<string>> _results = [];
    private readonly Dictionary<string, ClusterSet> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CompiledRouter> _routers = new(routers, StringComparer.Ordinal);
    private readonly ListenerPlan _listeners = new(listeners);
    private LayeredConfiguration _layers = layers;
    private TlsContextSet _tls = tls;
    private bool _paused;

    /// <summary>What became of each, in the order that they came in.</summary>
    internal IReadOnlyList<(ResourceName Name, IReadOnlyList<string> Problems)> Results { get; private set; } = [];

    /// <summary>Has anything been accepted?</summary>
    internal bool AnyAccepted => _results.Values.Any(static problems => problems.Count == 0);

    /// <summary>The clusters that are others now.</summary>
    internal IReadOnlySet<string> ChangedClusters => _clusters.Keys.ToHashSet(StringComparer.Ordinal);

    private ProxyConfiguration Configuration => _layers.Effective;

    /// <summary>Compiles them.</summary>
    internal async Task CompileAsync(IReadOnlyList<ResourceChange> changes)
    {
        foreach (var kind in s_order)
        {
            foreach (var change in changes.Where(change => change.Name.Kind == kind && !change.IsRemoval))
            {
                await TryAsync(change, () => SetAsync(change)).ConfigureAwait(false);
            }
        }

        foreach (var kind in s_order.Reverse())
        {
            foreach (var change in changes.Where(change => change.Name.Kind == kind && change.IsRemoval && change.Errors.Count == 0))
            {
                await TryAsync(change, () => RemoveAsync(change.Name)).ConfigureAwait(false);
            }
        }

        Results = [.. changes.Select(change => (change.Name, _results[change.Name]))];
    }

    /// <summary>What is to be put in force.</summary>
    internal async Task<PreparedChange> FinishAsync()
    {
        if (_tls != _tlsInForce)
        {
            // Without what has been replaced or removed; all of it has been made once already.
            await UseTlsAsync(Configuration).ConfigureAwait(false);
        }

        var (changes, made) = _listeners.Finish();
        return new PreparedChange
        {
            Layers = _layers,
            Clusters = ClusterSet.Merge(upstreams.Clusters, Configuration.Clusters, _clusters),
            Routers = Configuration.Server.Routers.ToDictionary(router => router.Name, router => _routers[router.Name], StringComparer.Ordinal),
            Tls = _tls,
            Plugins = plugins,
            Listeners = changes,
            Snapshots = made,
        };
    }

    /// <summary>Lets go of all that was made.</summary>
    internal void Abandon()
    {
        _listeners.Abandon();
        upstreams.Clusters.Reconfigure();
        if (_paused)
        {
            upstreams.Resume();
        }

        if (_tls != _tlsInForce)
        {
            _tls.Retire(_tlsInForce);
        }
    }

    private async Task TryAsync(ResourceChange change, Func<Task> set)
    {
        if (_results.TryGetValue(change.Name, out var before) && before.Count == 0)
        {
            _results[change.Name] = [$"{change.Name} stands in this update twice"];
            return;
        }

        var layersBefore = _layers;
        var tlsBefore = _tls;
        try
        {
            if (change.Errors.Count > 0)
            {
                throw new ConfigurationException(change.Errors);
            }

            foreach (var warning in change.Warnings)
            {
                runtime.Log.Write(StreamLogLevel.Warn, warning.ToString());
            }

            await set().ConfigureAwait(false);
            _results[change.Name] = [];
        }
        catch (Exception e) when (e is ConfigurationException or IOException or RefusedException)
        {
            _results[change.Name] = e is ConfigurationException { Problems: var problems } ? [.. problems.Select(problem => problem.ToString())] : [e.Message];
            _layers = layersBefore;
            if (_tls != tlsBefore)
            {
                _tls.Retire(tlsBefore);
                _tls = tlsBefore;
            }
        }
    }

    private Task SetAsync(ResourceChange change)
    {
        var name = change.Name;
        if (name.Kind == ConfigurationResourceKind.Hosts && Configuration.Clusters.All(cluster => cluster.Name != name.Name))
        {
            throw new RefusedException($"there is no cluster '{name.Name}'");
        }

        _layers = _layers.With(name, change.Value!, source, change.Json);
        return CompileAsync(name);
    }

    private Task RemoveAsync(ResourceName name)
    {
        if (_layers.Without(name, out bool isGone) is not { } without)
        {
            throw new RefusedException(isGone ? $"there is no {name}" : $"{name} is as the file has it: nothing can be taken back");
        }

        if (isGone && ResourceUses.Users(without.Effective, name).FirstOrDefault() is { Name: not null } user)
        {
            throw new RefusedException($"{user} uses it");
        }

        _layers = without;
        if (!isGone)
        {
            return CompileAsync(name);
        }

        switch (name.Kind)
        {
            case ConfigurationResourceKind.Cluster:
                PauseFor(name.Name, null);
                _clusters[name.Name] = ClusterSet.Empty;
                break;
            case ConfigurationResourceKind.Router:
                _ = _routers.Remove(name.Name);
                break;
            case ConfigurationResourceKind.Listener:
                _listeners.Remove(name.Name);
                break;
        }

        return Task.CompletedTask;
    }

    // As the layers have it now.
    private Task CompileAsync(ResourceName name) => name.Kind switch
    {
        ConfigurationResourceKind.Cluster or ConfigurationResourceKind.Hosts => CompileAsync(Configuration.Clusters.First(cluster => cluster.Name == name.Name)),
        ConfigurationResourceKind.Router => CompileAsync(Configuration.Server.Routers.First(router => router.Name == name.Name)),
        _ => CompileAsync(Configuration.Server.Listeners.First(listener => listener.Name == name.Name)),
    };

    private async Task CompileAsync(ClusterConfiguration cluster)
    {
        if (cluster.Tls is not null)
        {
            await UseTlsAsync(Configuration).ConfigureAwait(false);
        }

        PauseFor(cluster.Name, cluster);
        try
        {
            _clusters[cluster.Name] = upstreams.Build([cluster], _tls);
        }
        catch (ConfigurationException)
        {
            upstreams.Clusters.Find(cluster.Name)?.Reconfigure();
            throw;
        }
    }

    // Hosts that are built on must not change meanwhile.
    private void PauseFor(string name, ClusterConfiguration? cluster)
    {
        if (upstreams.LooksUp(name, cluster))
        {
            _paused = true;
            upstreams.Pause();
        }
    }

    private Task CompileAsync(RouterConfiguration router)
    {
        Require(router);
        var builder = Builder();
        var compiled = builder.Compile([router], upstreams.Handles, _routers)[router.Name];
        _listeners.Route(builder.With(compiled, _listeners.Snapshots));
        _routers[router.Name] = compiled;
        return Task.CompletedTask;
    }

    private async Task CompileAsync(ListenerConfiguration listener)
    {
        Require(listener);
        if (Configuration.Server.Listeners.FirstOrDefault(other => other.Name != listener.Name && ProxyListeners.HaveSameAddress(other, listener)) is { } other)
        {
            throw new RefusedException($"listener '{other.Name}' has the same address");
        }

        if (listener.Chains.Any(static chain => chain.Tls.Count > 0))
        {
            await UseTlsAsync(Configuration).ConfigureAwait(false);
        }

        if (!listener.BindPort)
        {
            _listeners.Remove(listener.Name);
        }

        var snapshot = Builder().Build(listener, upstreams.Handles, _routers);
        if (listener.BindPort)
        {
            _listeners.Set(snapshot);
        }
        else
        {
            snapshot.Release();
        }
    }

    private void Require(object resource)
    {
        var missing = ResourceUses.Missing(Configuration, resource).ToList();
        if (missing.Count > 0)
        {
            throw new RefusedException(string.Join("; ", missing));
        }
    }

    private async Task UseTlsAsync(ProxyConfiguration configuration)
    {
        var next = await TlsContextSet.BuildAsync(configuration, parts.Certificates, plugins, _tls, runtime.Log.Write, keepPlugins: true).ConfigureAwait(false);
        // Those before are let go of at the end, when it is known what stays.
        _tls = next;
    }

    private SnapshotBuilder Builder() => new(parts.Filters, plugins, runtime.Files, _tls, runtime.Log.Write, parts.Extensions, parts.Admin) { InForce = _listeners.Snapshots };

    // Why a resource is refused that is right by itself.
    private sealed class RefusedException(string message) : Exception(message);
}
