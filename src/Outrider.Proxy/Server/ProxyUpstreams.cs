using System.Text;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Proxy.Listening;
using Outrider.Security;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Server;

/// <summary>
/// The clusters of a running proxy: those in force, whoever looks up their names again, and the pools of connections to
/// their hosts. Used by the thread that starts, reloads and stops.
/// </summary>
/// <param name="runtime">The loops.</param>
/// <param name="extensions">The load balancers and health checkers that clusters can name beside those that come with the proxy; null for none.</param>
internal sealed class ProxyUpstreams(ProxyRuntime runtime, ConnectionExtensions? extensions) : IDisposable
{
    private static readonly HashSet<string> s_none = [];

    private readonly ClusterWatches _watches = new(message => runtime.Log.Write(StreamLogLevel.Error, message), path => OpenEventLog(runtime, path));
    private DnsRefresher? _dns;

    /// <summary>The clusters in force. Any thread.</summary>
    internal ClusterSet Clusters { get; private set; } = ClusterSet.Empty;

    /// <summary>What routes hold of the clusters.</summary>
    internal ClusterHandles Handles { get; } = new(runtime.Loops.Length);

    /// <summary>Makes the clusters of a configuration, on the hosts of those in force. Waits for DNS names.</summary>
    internal ClusterSet Build(ProxyConfiguration configuration, TlsContextSet tls)
    {
        // From here on nobody changes the hosts that the new clusters are built on. Use or Resume goes on with lookups.
        Pause();
        return Build(configuration.Clusters, tls);
    }

    /// <summary>Makes clusters, on the hosts of those in force of their names. Waits for DNS names. If any of them <see cref="LooksUp"/>, <see cref="Pause"/> first.</summary>
    internal ClusterSet Build(IReadOnlyList<ClusterConfiguration> clusters, TlsContextSet tls)
        => ClusterSet.Build(clusters, Clusters, runtime.Loops.Length, tls: tls, balancers: extensions?.LoadBalancers, health: extensions?.HealthChecks, warn: message => runtime.Log.Write(StreamLogLevel.Error, message));

    /// <summary>Are names of the cluster looked up, or of the one in force that has its name?</summary>
    internal bool LooksUp(string name, ClusterConfiguration? configuration)
        => HasNames(configuration) || HasNames(Clusters.Find(name)?.Configuration);

    /// <summary>Looks up no names until <see cref="Use"/> or <see cref="Resume"/>.</summary>
    internal void Pause()
    {
        _dns?.Dispose();
        _dns = null;
    }

    /// <summary>What was built will not be used: names of the clusters in force are looked up again.</summary>
    internal void Resume()
    {
        Pause();
        _dns = Refresher(Clusters);
    }

    /// <summary>Takes them; whoever routes gets them with a <see cref="ChangeSet"/>. Pools stay as they are until <see cref="RefreshPoolsAsync"/>.</summary>
    internal void Use(ClusterSet clusters)
    {
        clusters.Use();
        Clusters = clusters;
        foreach (var cluster in clusters.Clusters)
        {
            cluster.HealthChanged = OnHealthChanged;
            cluster.Stats = runtime.Stats.Cluster(cluster.Name);
        }

        _watches.Use(clusters.Clusters);
        _dns ??= Refresher(clusters);
        foreach (string warning in clusters.Warnings)
        {
            runtime.Log.Write(StreamLogLevel.Warn, warning);
        }
    }

    /// <summary>Lets go of the connections to hosts that are gone, and gives the others their cluster's options of now.</summary>
    /// <param name="gone">The hosts that are gone.</param>
    /// <param name="only">The names of the clusters that have changed; null for all.</param>
    internal Task RefreshPoolsAsync(IReadOnlyList<UpstreamHost> gone, IReadOnlySet<string>? only = null) => runtime.OnLoopsAsync(loop =>
    {
        // By now a newer configuration may have one of them again.
        RetirePools(loop, gone.Count == 0 ? gone : [.. gone.Except(Clusters.Clusters.SelectMany(cluster => cluster.Hosts.Hosts.ToArray()))]);
        foreach (var cluster in Clusters.Clusters)
        {
            if (only?.Contains(cluster.Name) == false)
            {
                continue;
            }

            foreach (var host in cluster.Hosts.Hosts)
            {
                PoolOf(host, loop)?.Configure(cluster);
            }
        }
    });

    /// <summary>Lets go of every connection.</summary>
    internal Task RetirePoolsAsync() => runtime.OnLoopsAsync(loop => RetirePools(loop, Clusters.Clusters.SelectMany(cluster => cluster.Hosts.Hosts.ToArray())));

    /// <summary>Looks up no names any more, and looks after nobody's health.</summary>
    public void Dispose()
    {
        _dns?.Dispose();
        _watches.Dispose();
    }

    private static Action<string> OpenEventLog(ProxyRuntime runtime, string path)
    {
        var file = runtime.Files.Open(path);
        return line => file.TryWrite(Encoding.UTF8.GetBytes(line));
    }

    private void OnHealthChanged(Cluster cluster, UpstreamHost host, string text)
    {
        runtime.Log.Write(host.IsHealthy ? StreamLogLevel.Info : StreamLogLevel.Warn, $"cluster {cluster.Name}: host {host} {text}");
        if (!host.IsHealthy)
        {
            _ = runtime.OnLoopsAsync(loop => PoolOf(host, loop)?.Shed());
        }
    }

    private static bool HasNames(ClusterConfiguration? configuration) => configuration?.Hosts.Any(static host => host.EndPoint is System.Net.DnsEndPoint) == true;

    private DnsRefresher Refresher(ClusterSet clusters)
        => new(clusters, message => runtime.Log.Write(StreamLogLevel.Warn, message), host => _ = RefreshPoolsAsync([host], s_none));

    private static void RetirePools(EventLoop loop, IEnumerable<UpstreamHost> hosts)
    {
        foreach (var host in hosts)
        {
            PoolOf(host, loop)?.Retire();
        }
    }

    private static ConnectionPool? PoolOf(UpstreamHost host, EventLoop loop) => host.On(loop.Index).Pool as ConnectionPool;
}
