using Outrider.Filters;
using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Configuration.Problems;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Snapshots;
using Outrider.Proxy.Tls;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>The way from one configuration to the next: first what can fail, then what cannot.</summary>
internal sealed partial class ProxyServer
{
    /// <summary>
    /// Takes another configuration. New streams begin with it, streams that run end with the old one, connections stay.
    /// When it throws, nothing has changed.
    /// </summary>
    /// <exception cref="ConfigurationException">The configuration cannot be used.</exception>
    /// <exception cref="IOException">A log cannot be written, or an address cannot be had.</exception>
    internal async Task ReloadAsync(ProxyConfiguration configuration)
    {
        var before = Clusters;
        ClusterSet clusters;
        IReadOnlyList<ListenerSnapshot> snapshots = [];

        // What can fail comes first: new addresses, then the log, which takes its new level when it is opened.
        _admin.CheckReload(configuration);
        var generation = BeginPlugins(configuration);
        TlsContextSet tls;
        try
        {
            tls = await BuildTlsAsync(configuration, generation).ConfigureAwait(false);
        }
        catch
        {
            generation.Drop();
            throw;
        }

        IReadOnlyList<ProxyListener> opened = [];
        ErrorLog log;
        try
        {
            clusters = _upstreams.Build(configuration, tls);
            snapshots = new SnapshotBuilder(_registry, generation, _files, tls, Tell, _extensions).Build(configuration, _upstreams.Handles);
            await generation.StartAsync().ConfigureAwait(false);
            opened = _listeners.OpenMissing(snapshots);
            log = OpenErrorLog(configuration);
        }
        catch
        {
            _listeners.Forget(opened);
            Release(snapshots);
            generation.Drop();
            before.Reconfigure();
            _upstreams.Resume();
            tls.Retire(Tls);
            throw;
        }

        _admin.Reload(configuration, log);
        _runtime.Log = log;
        var gone = await ApplyAsync(clusters, _listeners.Plan(snapshots, opened)).ConfigureAwait(false);
        Release(snapshots);
        generation.Use();
        int processors = configuration.Server.Processor > 0 ? configuration.Server.Processor : Environment.ProcessorCount;
        if (processors != _runtime.WorkingLoops)
        {
            log.Write(StreamLogLevel.Warn, $"processor: {_runtime.WorkingLoops} loops stay until the next start, not {processors}");
        }

        Use(configuration);
        await _upstreams.RefreshPoolsAsync(gone).ConfigureAwait(false);
        Tls.Retire(tls);
        Tls = tls;
    }
}
