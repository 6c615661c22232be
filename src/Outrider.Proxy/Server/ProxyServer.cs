using System.Net.Sockets;
using Outrider.Filters;
using Outrider.Net;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Configuration;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Plugins;
using Outrider.Proxy.Telemetry;
using Outrider.Proxy.Tls;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>
/// A running proxy: starts with a configuration, takes others while it runs, and stops without losing a request. Calls do
/// not overlap: whoever owns it makes them one after the other.
/// </summary>
internal sealed class ProxyServer : IAsyncDisposable
{
    private readonly StreamFilterRegistry _registry;
    private readonly CertificateProviderRegistry _certificates;
    private readonly LogFiles _files = new();
    private readonly ErrorLogs _errorLogs;
    private readonly ProxyRuntime _runtime;
    private readonly LoopWatchdog _watchdog;
    private readonly Dictionary<string, ProxyListener> _listeners = new(StringComparer.Ordinal);
    private readonly List<ProxyListener> _retired = [];
    private readonly AdminHandlerRegistry _adminHandlers = new();
    private readonly IPluginHost? _plugins;
    private AdminServer? _admin;
    private DnsRefresher? _dns;
    private bool _started, _stopped;

    private ProxyServer(
        ProxyConfiguration configuration, StreamFilterRegistry registry, string version, CertificateProviderRegistry certificates, IPluginHost? plugins)
    {
        Version = version;
        _registry = registry;
        _certificates = certificates;
        _plugins = plugins;
        _errorLogs = new ErrorLogs(_files);
        Configuration = configuration;
        int processors = configuration.Server.Processor;
        var log = OpenErrorLog(configuration);
        _runtime = new ProxyRuntime(processors > 0 ? processors : Environment.ProcessorCount, _files, _errorLogs, log);
        _watchdog = new LoopWatchdog(_runtime);
    }

    /// <summary>What the program calls itself.</summary>
    internal string Version { get; }

    /// <summary>Where the admin API listens, or null.</summary>
    internal System.Net.IPEndPoint? AdminEndPoint => _admin?.EndPoint;

    /// <summary>The configuration in force.</summary>
    internal ProxyConfiguration Configuration { get; private set; }

    /// <summary>The clusters in force.</summary>
    internal ClusterSet Clusters { get; private set; } = ClusterSet.Empty;

    /// <summary>The certificates in force.</summary>
    internal TlsContextSet Tls { get; private set; } = TlsContextSet.Empty;

    internal ErrorLog Log => _runtime.Log;

    internal LogFiles LogFiles => _files;

    internal ErrorLogs ErrorLogs => _errorLogs;

    internal ProxyStats Stats => _runtime.Stats;

    internal IReadOnlyCollection<ProxyListener> Listeners => _listeners.Values;

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
    internal static async Task<ProxyServer> StartAsync(
        ProxyConfiguration configuration, StreamFilterRegistry registry, string version, CertificateProviderRegistry? certificates = null, IPluginHost? plugins = null)
    {
        var server = new ProxyServer(configuration, registry, version, certificates ?? new CertificateProviderRegistry(), plugins);
        IReadOnlyList<ListenerSnapshot> snapshots = [];
        try
        {
            var generation = server.BeginPlugins(configuration);
            server.Tls = await server.BuildTlsAsync(configuration, generation).ConfigureAwait(false);
            var clusters = ClusterSet.Build(configuration.Clusters, null, server._runtime.Loops.Length, tls: server.Tls);
            snapshots = new SnapshotBuilder(registry, generation, server._files, server.Tls, server.Tell).Build(configuration, clusters);
            await generation.StartAsync().ConfigureAwait(false);
            var opened = snapshots.Select(server.Open).ToList();
            server.StartAdmin(configuration);
            foreach (var loop in server._runtime.Loops)
            {
                loop.Start();
            }

            server._started = true;
            foreach (var listener in opened)
            {
                await listener.StartAsync().ConfigureAwait(false);
            }

            generation.Use();
            server.Use(configuration, clusters);
            server.State = ProxyState.Running;
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            LetGo(snapshots);
        }
    }

    /// <summary>Compiles a configuration as <see cref="StartAsync"/> would, without taking an address or a log file.</summary>
    /// <exception cref="ConfigurationException">The configuration cannot be used.</exception>
    /// <param name="configuration">The configuration.</param>
    /// <param name="registry">The stream filters.</param>
    /// <param name="certificates">The certificate providers.</param>
    /// <param name="warn">Told what is odd.</param>
    /// <param name="plugins">Finds the plugins; none is started but those that certificates come from.</param>
    internal static async Task CheckAsync(
        ProxyConfiguration configuration, StreamFilterRegistry registry, CertificateProviderRegistry? certificates = null, Action<string>? warn = null, IPluginHost? plugins = null)
    {
        CheckAdmin(configuration, new AdminHandlerRegistry());
        var generation = Begin(plugins, configuration, static (_, _) => { });
        var tls = await TlsContextSet.BuildAsync(
            configuration, certificates ?? new CertificateProviderRegistry(), generation, TlsContextSet.Empty, (_, message) => warn?.Invoke(message)).ConfigureAwait(false);
        try
        {
            LetGo(new SnapshotBuilder(registry, generation, null, tls, (_, message) => warn?.Invoke(message)).Build(configuration, ClusterSet.Build([], null, 1)));
        }
        finally
        {
            tls.Retire(TlsContextSet.Empty);
        }
    }

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
        CheckAdmin(configuration, _adminHandlers);
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

        var added = new List<ProxyListener>();
        ErrorLog log;
        try
        {
            clusters = ClusterSet.Build(configuration.Clusters, before, _runtime.Loops.Length, tls: tls);
            snapshots = new SnapshotBuilder(_registry, generation, _files, tls, Tell).Build(configuration, clusters);
            await generation.StartAsync().ConfigureAwait(false);
            foreach (var snapshot in snapshots.Where(s => !_listeners.ContainsKey(KeyOf(s))))
            {
                added.Add(Open(snapshot));
            }

            log = OpenErrorLog(configuration);
        }
        catch
        {
            added.ForEach(Forget);
            LetGo(snapshots);
            generation.Drop();
            before.Reconfigure();
            tls.Retire(Tls);
            throw;
        }

        ReloadAdmin(configuration, log);
        _runtime.Log = log;
        var kept = snapshots.ToDictionary(KeyOf, StringComparer.Ordinal);
        foreach (var listener in added)
        {
            await listener.StartAsync().ConfigureAwait(false);
        }

        foreach (var (key, listener) in _listeners.ToList())
        {
            if (!kept.TryGetValue(key, out var snapshot))
            {
                await listener.DrainAsync().ConfigureAwait(false);
                _ = _listeners.Remove(key);
                _ = _retired.RemoveAll(old => old.ConnectionCount == 0);
                _retired.Add(listener);
            }
            else if (!added.Contains(listener))
            {
                await listener.ApplyAsync(snapshot).ConfigureAwait(false);
            }
        }

        LetGo(snapshots);
        generation.Use();
        int processors = configuration.Server.Processor > 0 ? configuration.Server.Processor : Environment.ProcessorCount;
        if (processors != _runtime.Loops.Length)
        {
            log.Write(StreamLogLevel.Warn, $"processor: {_runtime.Loops.Length} loops stay until the next start, not {processors}");
        }

        Use(configuration, clusters);
        await RefreshPoolsAsync(before.HostsMissingFrom(clusters)).ConfigureAwait(false);
        Tls.Retire(tls);
        Tls = tls;
    }

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
        _dns?.Dispose();
        _watchdog.Dispose();
        Tls.Retire(TlsContextSet.Empty);
        if (!_started || _runtime.Loops.Any(loop => loop.Stopped.IsCompleted))
        {
            // Loops that do not run, or no longer, would never answer.
            _admin?.Dispose();
            return;
        }

        _ = _retired.RemoveAll(listener => listener.ConnectionCount == 0);
        var all = _listeners.Values.Concat(_retired).ToList();
        foreach (var listener in _listeners.Values)
        {
            await listener.DrainAsync().ConfigureAwait(false);
        }

        long end = Environment.TickCount64 + (long)Configuration.Server.GracefulTimeout.TotalMilliseconds;
        while (all.Sum(listener => listener.ConnectionCount) > 0 && Environment.TickCount64 < end)
        {
            await Task.Delay(20).ConfigureAwait(false);
        }

        foreach (var listener in all)
        {
            await listener.CloseAllAsync().ConfigureAwait(false);
        }

        // Until here it can be asked how the drain goes.
        _admin?.Dispose();
        await _runtime.OnLoopsAsync(loop => RetirePools(loop, AllHosts(Clusters))).ConfigureAwait(false);
        if (_plugins is not null)
        {
            // While there are loops to close the connections to them.
            await _plugins.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var loop in _runtime.Loops)
        {
            loop.Stop();
            await loop.Stopped.ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        foreach (var listener in _listeners.Values)
        {
            listener.Dispose();
        }

        foreach (var loop in _runtime.Loops)
        {
            loop.Dispose();
        }

        if (_plugins is not null)
        {
            await _plugins.DisposeAsync().ConfigureAwait(false);
        }

        _files.Dispose();
    }

    private static IPluginGeneration Begin(IPluginHost? plugins, ProxyConfiguration configuration, Action<StreamLogLevel, string> log)
        => plugins?.Begin(configuration, log) ?? NoPluginGeneration.Instance;

    // In the log of the moment, which a reload may have replaced.
    private void Tell(StreamLogLevel level, string message) => Log.Write(level, message);

    private IPluginGeneration BeginPlugins(ProxyConfiguration configuration) => Begin(_plugins, configuration, Tell);

    // What makes a listener the same one in the next configuration: its address, or its name where the system chooses the port.
    private static string KeyOf(ListenerSnapshot snapshot) => snapshot.Configuration.EndPoint is System.Net.IPEndPoint { Port: 0 } any
        ? $"{any} {snapshot.Configuration.Name}"
        : snapshot.Configuration.EndPoint.ToString()!;

    // Loops that use them have said so by now.
    private static void LetGo(IReadOnlyList<ListenerSnapshot> snapshots)
    {
        foreach (var snapshot in snapshots)
        {
            snapshot.Filters.Release();
        }
    }

    private static IEnumerable<UpstreamHost> AllHosts(ClusterSet clusters) => clusters.Clusters.SelectMany(cluster => cluster.Hosts.Hosts.ToArray());

    private static void RetirePools(EventLoop loop, IEnumerable<UpstreamHost> hosts)
    {
        foreach (var host in hosts)
        {
            (host.On(loop.Index).Pool as ConnectionPool)?.Retire();
        }
    }

    private Task<TlsContextSet> BuildTlsAsync(ProxyConfiguration configuration, IPluginRegistry plugins)
        => TlsContextSet.BuildAsync(configuration, _certificates, plugins, Tls, Tell);

    private ErrorLog OpenErrorLog(ProxyConfiguration configuration)
        => _errorLogs.Open(configuration.Server.DefaultLogPath, configuration.Server.DefaultLogLevel);

    private ProxyListener Open(ListenerSnapshot snapshot)
    {
        try
        {
            var listener = new ProxyListener(_runtime, snapshot);
            _listeners.Add(KeyOf(snapshot), listener);
            return listener;
        }
        catch (SocketException e)
        {
            throw new IOException($"listener '{snapshot.Configuration.Name}' cannot listen on {snapshot.Configuration.Address}: {e.Message}", e);
        }
    }

    private void Forget(ProxyListener listener)
    {
        _ = _listeners.Remove(KeyOf(listener.Snapshot));
        listener.Dispose();
    }

    private static void CheckAdmin(ProxyConfiguration configuration, AdminHandlerRegistry handlers)
    {
        if (configuration.Admin?.Handlers.FirstOrDefault(name => handlers.Find(name) is null) is { } unknown)
        {
            throw new ConfigurationException(configuration.ProblemAt("admin.handlers", $"there is no admin handler named '{unknown}'"));
        }
    }

    private void StartAdmin(ProxyConfiguration configuration)
    {
        if (configuration.Admin is not { } admin)
        {
            return;
        }

        try
        {
            _admin = AdminServer.Start(admin.EndPoint, _adminHandlers.Create(new ProxyAdminSource(this, Version), admin.Handlers, AdminPages()));
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException([configuration.ProblemAt("admin.handlers", e.Message)]);
        }
    }

    private IEnumerable<IAdminHandler> AdminPages() => _plugins is null ? [] : [_plugins.AdminPage];

    // The admin API is left alone when nothing of it changes, and a failure to move leaves the proxy's own work alone.
    private void ReloadAdmin(ProxyConfiguration configuration, ErrorLog log)
    {
        if (Equals(configuration.Admin?.EndPoint, Configuration.Admin?.EndPoint)
            && (configuration.Admin?.Handlers ?? []).SequenceEqual(Configuration.Admin?.Handlers ?? []))
        {
            return;
        }

        _admin?.Dispose();
        _admin = null;
        try
        {
            StartAdmin(configuration);
        }
        catch (Exception e) when (e is IOException or ConfigurationException)
        {
            log.Write(StreamLogLevel.Error, e.Message);
        }
    }

    private void Use(ProxyConfiguration configuration, ClusterSet clusters)
    {
        Configuration = configuration;
        Clusters = clusters;
        _dns?.Dispose();
        _dns = new DnsRefresher(clusters, message => Log.Write(StreamLogLevel.Warn, message), host => _ = RefreshPoolsAsync([host]));
        foreach (string warning in clusters.Warnings)
        {
            Log.Write(StreamLogLevel.Warn, warning);
        }
    }

    /// <summary>Lets go of the connections to hosts that are gone, and gives the others their cluster's options of now.</summary>
    private Task RefreshPoolsAsync(IReadOnlyList<UpstreamHost> gone) => _runtime.OnLoopsAsync(loop =>
    {
        RetirePools(loop, gone);
        foreach (var cluster in Clusters.Clusters)
        {
            foreach (var host in cluster.Hosts.Hosts)
            {
                (host.On(loop.Index).Pool as ConnectionPool)?.Configure(ConnectionPoolOptions.Of(cluster));
            }
        }
    });
}
