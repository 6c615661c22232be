using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Configuration.Sources;
using Outrider.Filters;
using Outrider.Proxy.Plugins;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Snapshots;
using Outrider.Security;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Server;

/// <summary>
/// What is in force: listeners, tables of routes, clusters, and who said it. The file comes as a whole, and is accepted or refused as a whole;
/// other sources come with single resources. Changes are made one after the other, whoever brings them.
/// </summary>
/// <param name="first">The file that it begins with.</param>
/// <param name="runtime">The loops.</param>
/// <param name="listeners">The listeners.</param>
/// <param name="upstreams">The clusters and their pools.</param>
/// <param name="parts">What configurations can name.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The semaphore has no wait handle, and whoever comes late still waits for it.")]
internal sealed class RuntimeStore(ProxyConfiguration first, ProxyRuntime runtime, ProxyListeners listeners, ProxyUpstreams upstreams, ProxyParts parts)
{
    private readonly SemaphoreSlim _gate = new(1);
    private LayeredConfiguration _layers = LayeredConfiguration.Of(first);
    private IReadOnlyDictionary<string, CompiledRouter> _routers = new Dictionary<string, CompiledRouter>();
    private IPluginGeneration _plugins = NoPluginGeneration.Instance;
    private bool _closed;
    private ConfigurationSources? _sources;

    /// <summary>What holds, of all sources together. Any thread.</summary>
    internal ProxyConfiguration Configuration => _layers.Effective;

    /// <summary>What holds, of all sources together, as JSON. Any thread.</summary>
    internal ReadOnlyMemory<byte> Json => _layers.Json;

    /// <summary>The file in force, without what other sources say. Any thread.</summary>
    internal ProxyConfiguration File => _layers.File;

    /// <summary>The certificates in force. Any thread.</summary>
    internal TlsContextSet Tls { get; private set; } = TlsContextSet.Empty;

    /// <summary>The routers in force, by name. For the thread that changes them, and for tests.</summary>
    internal IReadOnlyDictionary<string, CompiledRouter> Routers => _routers;

    /// <summary>The sources beside the file.</summary>
    internal ConfigurationSources Sources => _sources ??= new ConfigurationSources(parts.Extensions?.ConfigurationSources, this, Tell);

    /// <summary>Does something while nobody changes anything.</summary>
    internal async Task<T> AloneAsync<T>(Func<Task<T>> change)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            return await change().ConfigureAwait(false);
        }
        finally
        {
            _ = _gate.Release();
        }
    }

    /// <summary>Nothing changes any more, once what is being changed has been.</summary>
    internal Task CloseAsync()
    {
        Sources.Stop();
        return AloneAsync(() => Task.FromResult(_closed = true));
    }

    /// <summary>Makes all that a file asks for. Alone.</summary>
    /// <exception cref="ConfigurationException">The file cannot be used.</exception>
    /// <exception cref="IOException">A log cannot be written, or an address cannot be had.</exception>
    internal async Task<PreparedChange> PrepareAsync(ProxyConfiguration file)
    {
        var layers = _layers.WithFile(file, out var dropped);
        var configuration = layers.Effective;
        ResourceUses.RequireAll(configuration, layers);
        var sources = Sources.Prepare(configuration);
        var plugins = ProxyServer.Begin(parts.Plugins, configuration, Tell);
        var tls = TlsContextSet.Empty;
        IReadOnlyList<ListenerSnapshot> snapshots = [];
        IReadOnlyList<ProxyListener> opened = [];
        try
        {
            tls = await TlsContextSet.BuildAsync(configuration, parts.Certificates, plugins, Tls, Tell).ConfigureAwait(false);
            var clusters = upstreams.Build(configuration, tls);
            var builder = new SnapshotBuilder(parts.Filters, plugins, runtime.Files, tls, Tell, parts.Extensions, parts.Admin)
            {
                InForce = [.. listeners.Accepting.Select(static listener => listener.Snapshot)],
            };
            var routers = builder.Compile(configuration.Server.Routers, upstreams.Handles, _routers);
            snapshots = builder.Build(configuration, upstreams.Handles, routers);
            ExtendReader.Apply(builder.Extends, configuration);
            await plugins.StartAsync().ConfigureAwait(false);
            opened = listeners.OpenMissing(snapshots);
            return new PreparedChange
            {
                Layers = layers, Clusters = clusters, Routers = routers, Tls = tls, Plugins = plugins, Snapshots = snapshots,
                Listeners = listeners.Plan(snapshots, opened), Dropped = dropped, Sources = sources,
            };
        }
        catch
        {
            Abandon(plugins, tls, snapshots, opened);
            throw;
        }
    }

    /// <summary>Lets go of what was made. Alone.</summary>
    internal void Abandon(PreparedChange change) => Abandon(change.Plugins, change.Tls, change.Snapshots, change.Listeners.Opened);

    /// <summary>Puts in force what was made, on all loops that are not stuck. Nothing of it fails. Alone.</summary>
    /// <param name="change">What was made.</param>
    /// <param name="only">Where clusters have changed; null for all.</param>
    internal async Task CommitAsync(PreparedChange change, IReadOnlySet<string>? only = null)
    {
        var gone = upstreams.Clusters.HostsMissingFrom(change.Clusters);
        upstreams.Use(change.Clusters);
        _layers = change.Layers;
        foreach (var (name, source) in change.Dropped)
        {
            Tell(StreamLogLevel.Info, $"{name}: what the configuration source '{source}' said holds no longer, as the file says something else of it now, or does not name that source");
        }

        _routers = change.Routers;
        _plugins = change.Plugins;
        var changes = new ChangeSet(change.Clusters, upstreams.Handles, change.Listeners);
        listeners.Begin(change.Listeners);
        var late = await runtime.OnLoopsAsync(changes.ApplyTo).ConfigureAwait(false);
        listeners.End(change.Listeners, late);
        changes.Forget();
        ProxyServer.Release(change.Snapshots);
        change.Plugins.Use();
        if (gone.Count > 0 || only is not { Count: 0 })
        {
            await upstreams.RefreshPoolsAsync(gone, only).ConfigureAwait(false);
        }

        if (change.Sources is { } sources)
        {
            Sources.Use(Configuration, sources);
        }

        var before = Tls;
        Tls = change.Tls;
        if (before != change.Tls)
        {
            before.Retire(change.Tls);
        }
    }

    /// <summary>Puts resources in force that a source gives, and says what became of each. Any thread.</summary>
    internal Task<IReadOnlyList<ConfigurationResourceResult>> ApplyAsync(string source, IReadOnlyList<ConfigurationResource> resources)
        => AloneAsync(async () => _closed
            ? [.. resources.Select(resource => new ConfigurationResourceResult(resource.Kind, resource.Name, ["the proxy does not run"]))]
            : await TakeAsync(source, new ResourceReader(Configuration, source).Read(resources)).ConfigureAwait(false));

    /// <summary>As <see cref="ApplyAsync"/>, for a source that has records of its own making. Any thread.</summary>
    internal Task<IReadOnlyList<ConfigurationResourceResult>> ApplyRecordsAsync(string source, IReadOnlyList<ResourceChange> changes)
        => AloneAsync(async () => _closed
            ? [.. changes.Select(change => new ConfigurationResourceResult(change.Name.Kind, change.Name.Name, ["the proxy does not run"]))]
            : await TakeAsync(source, changes).ConfigureAwait(false));

    private async Task<IReadOnlyList<ConfigurationResourceResult>> TakeAsync(string source, IReadOnlyList<ResourceChange> changes)
    {
        var compiler = new ResourceCompiler(source, runtime, listeners, upstreams, parts, _layers, _routers, Tls, _plugins);
        try
        {
            await compiler.CompileAsync(changes).ConfigureAwait(false);
            await _plugins.StartAsync().ConfigureAwait(false);
        }
        catch
        {
            compiler.Abandon();
            throw;
        }

        if (compiler.AnyAccepted)
        {
            await CommitAsync(await compiler.FinishAsync().ConfigureAwait(false), compiler.ChangedClusters).ConfigureAwait(false);
        }

        foreach (var (name, problems) in compiler.Results)
        {
            string verb = problems.Count > 0 ? "refused" : changes.Any(change => change.Name == name && change.IsRemoval) ? "removed" : "taken";
            Tell(problems.Count > 0 ? StreamLogLevel.Warn : StreamLogLevel.Info, $"configuration source '{source}': {name}: {verb}{(problems.Count > 0 ? ": " + string.Join("; ", problems) : "")}");
        }

        return [.. compiler.Results.Select(result => new ConfigurationResourceResult(result.Name.Kind, result.Name.Name, result.Problems))];
    }

    private void Abandon(IPluginGeneration plugins, TlsContextSet tls, IReadOnlyList<ListenerSnapshot> snapshots, IReadOnlyList<ProxyListener> opened)
    {
        listeners.Forget(opened);
        ProxyServer.Release(snapshots);
        plugins.Drop();
        upstreams.Clusters.Reconfigure();
        upstreams.Resume();
        tls.Retire(Tls);
    }

    // In the log of the moment, which a reload may have replaced.
    private void Tell(StreamLogLevel level, string message) => runtime.Log.Write(level, message);
}
