using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Plugins;
using Outrider.Proxy.Snapshots;
using Outrider.Proxy.Telemetry;
using Outrider.Security;
using Outrider.Telemetry;
using Outrider.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>
/// A running proxy: starts with a configuration, takes others while it runs, and stops without losing a request. Calls do
/// not overlap: whoever owns it makes them one after the other.
/// </summary>
internal sealed class ProxyServer : IAsyncDisposable
{
    private readonly LogFiles _files = new();
    private readonly ErrorLogs _errorLogs;
    private readonly ProxyRuntime _runtime;
    private readonly LoopWatchdog _watchdog;
    private readonly MemoryGuard _memory;
    private readonly ProxyListeners _listeners;
    private readonly ProxyUpstreams _upstreams;
    private readonly ProxyAdmin _admin;
    private readonly FollowingPages _sinks;
    private readonly FollowingPages _debug;
    private readonly RuntimeStore _store;
    private readonly IPluginHost? _plugins;
    private bool _started, _stopped;

    private ProxyServer(ProxyConfiguration configuration, string version, ProxyParts parts)
    {
        Version = version;
        _plugins = parts.Plugins;
        _errorLogs = new ErrorLogs(_files);
        var log = OpenErrorLog(configuration);
        _runtime = new ProxyRuntime(LoopsWanted(configuration), _files, _errorLogs, log);
        _listeners = new ProxyListeners(_runtime);
        _watchdog = new LoopWatchdog(_runtime, _listeners, configuration.Server.StuckLoopTimeout);
        _memory = new MemoryGuard(_runtime);
        _upstreams = new ProxyUpstreams(_runtime, parts.Extensions);
        _store = new RuntimeStore(configuration, _runtime, _listeners, _upstreams, parts);
        _runtime.Room.Clusters = () => _upstreams.Clusters;
        _admin = new ProxyAdmin(this, parts);
        _sinks = ProxySinks.Of(this);
        _debug = ProxyDebug.Of(parts.DebugPages);
    }

    /// <summary>What the program calls itself.</summary>
    internal string Version { get; }

    /// <summary>Where the admin API listens, or null.</summary>
    internal System.Net.IPEndPoint? AdminEndPoint => _admin.EndPoint;

    /// <summary>Where <c>pprof</c> listens, or null.</summary>
    internal System.Net.IPEndPoint? DebugEndPoint => _debug.EndPoints.FirstOrDefault();

    /// <summary>How many event loops serve its connections; the spare one is not among them.</summary>
    internal int LoopCount => _runtime.WorkingLoops;

    /// <summary>Every loop of the process, the spare one last.</summary>
    internal IReadOnlyList<Outrider.Net.Loops.EventLoop> Loops => _runtime.Loops;

    /// <summary>The configuration in force.</summary>
    internal ProxyConfiguration Configuration => _store.Configuration;

    /// <summary>The file in force, without what other sources say.</summary>
    internal ProxyConfiguration File => _store.File;

    /// <summary>The clusters in force.</summary>
    internal ClusterSet Clusters => _upstreams.Clusters;

    /// <summary>The clusters and the pools of connections to their hosts.</summary>
    internal ProxyUpstreams Upstreams => _upstreams;

    /// <summary>The certificates in force.</summary>
    internal TlsContextSet Tls => _store.Tls;

    /// <summary>What is in force, and where other sources than the file put their resources.</summary>
    internal RuntimeStore Store => _store;

    internal ErrorLog Log => _runtime.Log;

    internal LogFiles LogFiles => _files;

    internal ErrorLogs ErrorLogs => _errorLogs;

    internal ProxyStats Stats => _runtime.Stats;

    internal IReadOnlyCollection<ProxyListener> Listeners => _listeners.Accepting;

    /// <summary>MOSN's numbers for what the process is doing.</summary>
    internal ProxyState State { get; private set; } = ProxyState.Starting;

    /// <summary>Starts a proxy. When this returns it accepts connections.</summary>
    /// <exception cref="ConfigurationException">The configuration cannot be used; nothing was started.</exception>
    /// <exception cref="IOException">A log cannot be written, or an address cannot be had; the message says which.</exception>
    /// <param name="configuration">The configuration.</param>
    /// <param name="registry">The stream filters that it can name.</param>
    /// <param name="version">What the program calls itself.</param>
    /// <param name="certificates">The certificate providers that it can name; null for files alone.</param>
    /// <param name="plugins">Runs plugins in their own processes; the proxy's from here on. Null where there are none.</param>
    /// <param name="extensions">Listener filters and connection handlers that it can name; null for those that come with the proxy.</param>
    /// <param name="debugPages">What <c>pprof</c> shows beside the runtime's counters; null for nothing.</param>
    internal static async Task<ProxyServer> StartAsync(
        ProxyConfiguration configuration, StreamFilterRegistry registry, string version, CertificateProviderRegistry? certificates = null, IPluginHost? plugins = null, ConnectionExtensions? extensions = null,
        IReadOnlyList<Admin.IAdminHandler>? debugPages = null)
    {
        var server = new ProxyServer(configuration, version, new ProxyParts(registry, certificates ?? new CertificateProviderRegistry(), plugins, extensions) { DebugPages = debugPages ?? [] });
        try
        {
            _ = await server._store.AloneAsync(async () =>
            {
                await server.RunAsync(configuration).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task RunAsync(ProxyConfiguration configuration)
    {
        var change = await _store.PrepareAsync(configuration).ConfigureAwait(false);
        try
        {
            _admin.Start(configuration);
            _sinks.Start(configuration);
            _debug.Start(configuration);
            OpenDoors.Tell(configuration, Log);
        }
        catch
        {
            _store.Abandon(change);
            throw;
        }

        foreach (var loop in _runtime.Loops)
        {
            loop.Start();
        }

        _started = true;
        _runtime.Connections.Settle(configuration.Server.MaxConnections);
        await _store.CommitAsync(change).ConfigureAwait(false);
        Use(configuration);
        State = ProxyState.Running;
    }

    /// <summary>Compiles a configuration as <see cref="StartAsync"/> would, without taking an address or a log file.</summary>
    /// <exception cref="ConfigurationException">The configuration cannot be used; lists all that is wrong.</exception>
    /// <param name="configuration">The configuration.</param>
    /// <param name="registry">The stream filters.</param>
    /// <param name="certificates">The certificate providers.</param>
    /// <param name="warn">Told what is odd.</param>
    /// <param name="plugins">Finds the plugins; none is started but those that certificates come from.</param>
    /// <param name="extensions">Listener filters and connection handlers.</param>
    internal static async Task CheckAsync(
        ProxyConfiguration configuration, StreamFilterRegistry registry, CertificateProviderRegistry? certificates = null, Action<string>? warn = null, IPluginHost? plugins = null, ConnectionExtensions? extensions = null)
    {
        var problems = await new ConfigurationCheck(configuration, warn is null ? null : problem => warn(problem.Line > 0 ? problem.ToString() : problem.Message)).RunAsync(registry, certificates ?? new CertificateProviderRegistry(), plugins, extensions).ConfigureAwait(false);
        if (problems.Count > 0)
        {
            throw new ConfigurationException(problems);
        }
    }

    /// <summary>
    /// Takes another configuration. New streams begin with it, streams that run end with the old one, connections stay.
    /// When it throws, nothing has changed.
    /// </summary>
    /// <exception cref="ConfigurationException">The configuration cannot be used.</exception>
    /// <exception cref="IOException">A log cannot be written, or an address cannot be had.</exception>
    internal Task ReloadAsync(ProxyConfiguration configuration) => _store.AloneAsync(async () =>
    {
        // What can fail comes first: new addresses, then the log, which takes its new level when it is opened.
        _admin.CheckReload(configuration);
        var change = await _store.PrepareAsync(configuration).ConfigureAwait(false);
        ErrorLog log;
        try
        {
            log = OpenErrorLog(configuration);
        }
        catch
        {
            _store.Abandon(change);
            throw;
        }

        _admin.Reload(configuration, log);
        _sinks.Reload(configuration, log);
        _debug.Reload(configuration, log);
        OpenDoors.Tell(configuration, log);
        _runtime.Log = log;
        await _store.CommitAsync(change).ConfigureAwait(false);
        int processors = LoopsWanted(configuration);
        if (processors != _runtime.WorkingLoops)
        {
            log.Write(StreamLogLevel.Warn, $"processor: {_runtime.WorkingLoops} loops stay until the next start, not {processors}");
        }

        Use(configuration);
        return true;
    });

    /// <summary>Ends the streams that began with a configuration of before, if one of its filters' factories is meant.</summary>
    /// <param name="isMeant">Called on each loop.</param>
    /// <param name="reason">Why, for the access log.</param>
    /// <returns>How many there were.</returns>
    internal Task<int> EndOldStreamsAsync(Predicate<IStreamFilterFactory> isMeant, string reason)
        => _store.AloneAsync(() => _listeners.EndOldStreamsAsync(isMeant, reason));

    /// <summary>
    /// Stops: accepts no more, lets what runs end for as long as <c>graceful_timeout</c> says, then closes what is left.
    /// </summary>
    internal async Task StopAsync()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        State = ProxyState.Stopping;
        _memory.Dispose();
        await _store.CloseAsync().ConfigureAwait(false);
        _upstreams.Dispose();
        Tls.Retire(TlsContextSet.Empty);
        if (!_started || _runtime.Loops.Any(loop => loop.Stopped.IsCompleted))
        {
            // Loops that do not run, or no longer, would never answer.
            _admin.Dispose();
            _sinks.Dispose();
            _debug.Dispose();
            _watchdog.Dispose();
            return;
        }

        await _listeners.StopAsync(Configuration.Server.GracefulTimeout, Configuration.Server.DrainWait).ConfigureAwait(false);

        // Until here it can be asked how the drain goes.
        _admin.Dispose();
        _sinks.Dispose();
        _debug.Dispose();
        await _upstreams.RetirePoolsAsync().ConfigureAwait(false);
        if (_plugins is not null)
        {
            // While there are loops to close the connections to them.
            await _plugins.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var loop in _runtime.Loops)
        {
            loop.Stop();
            await _runtime.Health.WaitAsync(loop, loop.Stopped).ConfigureAwait(false);
        }

        _watchdog.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _listeners.Dispose();
        foreach (var loop in _runtime.Loops)
        {
            if (_started && !loop.Stopped.IsCompleted)
            {
                // Stuck: what it uses stays until it goes on, or the process ends.
                _ = loop.Stopped.ContinueWith(_ => loop.Dispose(), TaskScheduler.Default);
                continue;
            }

            loop.Dispose();
        }

        if (_plugins is not null)
        {
            await _plugins.DisposeAsync().ConfigureAwait(false);
        }

        _files.Dispose();
    }

    internal static IPluginGeneration Begin(IPluginHost? plugins, ProxyConfiguration configuration, Action<StreamLogLevel, string> log)
        => plugins?.Begin(configuration, log) ?? NoPluginGeneration.Instance;

    // Loops that use them have said so by now.
    internal static void Release(IReadOnlyList<ListenerSnapshot> snapshots)
    {
        foreach (var snapshot in snapshots)
        {
            snapshot.Release();
        }
    }

    private static int LoopsWanted(ProxyConfiguration configuration)
        => configuration.Server.Processor > 0 ? configuration.Server.Processor : Environment.ProcessorCount;

    private ErrorLog OpenErrorLog(ProxyConfiguration configuration)
        => _errorLogs.Open(configuration.Server.DefaultLogPath, configuration.Server.DefaultLogLevel);

    private void Use(ProxyConfiguration configuration)
    {
        _runtime.Connections.Configure(configuration.Server.MaxConnections);
        _watchdog.Timeout = configuration.Server.StuckLoopTimeout;
        _runtime.Stats.PendingConnects.Limit = configuration.Server.MaxPendingConnects;
        foreach (var loop in _runtime.Loops)
        {
            loop.Pipes.Configure(configuration.Server.SplicePipes, configuration.Server.SplicePipeSize);
            loop.MaxDelay = (int)Math.Min(configuration.Server.OverloadDelay.TotalMilliseconds, int.MaxValue);
        }

        _memory.Configure(configuration.Server.MemoryLimit);
    }
}
