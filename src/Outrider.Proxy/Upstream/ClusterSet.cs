using Outrider.Filters;
using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Configuration.Problems;
using Outrider.Proxy.Telemetry.Extensions;
using Outrider.Proxy.Tls;
using Outrider.Proxy.Upstream.Hosts;

namespace Outrider.Proxy.Upstream;

/// <summary>All clusters of one configuration. Immutable, shared by all loops, and replaced as a whole on a reload.</summary>
internal sealed class ClusterSet
{
    /// <summary>No cluster at all.</summary>
    public static readonly ClusterSet Empty = new([], []);

    private readonly Dictionary<string, Cluster> _byName;
    private readonly Dictionary<byte[], Cluster>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;

    private ClusterSet(IReadOnlyList<Cluster> clusters, IReadOnlyList<string> warnings)
    {
        Clusters = clusters;
        Warnings = warnings;
        _byName = clusters.ToDictionary(c => c.Name, StringComparer.Ordinal);
        _byBytes = clusters.ToDictionary(c => c.NameBytes.ToArray(), BytesComparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The clusters in the order of the configuration.</summary>
    public IReadOnlyList<Cluster> Clusters { get; }

    /// <summary>What went wrong without being an error: names that did not resolve.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// Makes the clusters of a configuration. Waits for the DNS names among the hosts, 5 s at most: not for a loop's thread.
    /// A cluster of <paramref name="previous"/> of which a file says the same, and whose hosts are the same, is kept as it is. A host of
    /// <paramref name="previous"/> with the same cluster and address is kept, pools and counters with it.
    /// Dispose the <see cref="DnsRefresher"/> of <paramref name="previous"/> first.
    /// </summary>
    /// <param name="configurations">The clusters; names are unique.</param>
    /// <param name="previous">The clusters in force, or null.</param>
    /// <param name="loops">How many loops there are.</param>
    /// <param name="resolver">Resolves names; null for the system's resolver.</param>
    /// <param name="tls">The certificates; null where no cluster speaks TLS.</param>
    /// <param name="balancers">The load balancers that clusters can name beside those that come with the proxy; null for none.</param>
    /// <param name="warn">Is told what goes wrong with a load balancer while it runs; on any loop.</param>
    /// <exception cref="ConfigurationException">A load balancer cannot be made.</exception>
    public static ClusterSet Build(
        IReadOnlyList<ClusterConfiguration> configurations, ClusterSet? previous, int loops, NameResolver? resolver = null, TlsContextSet? tls = null,
        LoadBalancerRegistry? balancers = null, Action<string>? warn = null)
    {
        List<ConfigurationProblem> problems = [];
        var makers = new ClusterBalancers(balancers);
        ILoadBalancer?[] made = [.. configurations.Select(configuration => makers.Create(configuration.LoadBalancer, problems))];
        if (problems.Count > 0)
        {
            throw new ConfigurationException(problems);
        }

        // On a thread of the pool, for the caller's synchronization context may be waiting for this very call.
        ResolvedNames names = Task.Run(() => ResolvedNames.ResolveAsync(configurations, resolver, CancellationToken.None)).GetAwaiter().GetResult();
        List<string> warnings = [];
        var clusters = new Cluster[configurations.Count];
        for (int i = 0; i < clusters.Length; i++)
        {
            ClusterConfiguration configuration = configurations[i];
            HostSet hosts = HostListBuilder.Build(configuration, previous?.Find(configuration.Name)?.Hosts ?? HostSet.Empty, names, loops);
            var context = tls?.For(configuration);
            if (previous?.Find(configuration.Name) is { } before && before.IsSame(configuration, hosts, context))
            {
                // Whatever changes of the others, its round, its pools and its connections go on.
                clusters[i] = before;
                (made[i] as IDisposable)?.Dispose();
            }
            else
            {
                clusters[i] = Make(configuration, hosts, loops, context, made[i]!, warn);
            }

            warnings.AddRange(DnsWarnings.Of(configuration, hosts, names));
        }

        return new ClusterSet(clusters, warnings);
    }

    /// <summary>The cluster of that name, or null.</summary>
    public Cluster? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The cluster of that name in UTF-8, or null. Allocates nothing.</summary>
    public Cluster? Find(ReadOnlySpan<byte> name) => _byBytes.TryGetValue(name, out Cluster? cluster) ? cluster : null;

    /// <summary>The hosts that <paramref name="next"/> no longer has: their pools are to be drained.</summary>
    public IReadOnlyList<UpstreamHost> HostsMissingFrom(ClusterSet next)
    {
        HashSet<UpstreamHost> kept = [.. next.AllHosts()];
        return [.. AllHosts().Where(host => !kept.Contains(host))];
    }

    /// <summary>Gives hosts that a set was built on, which will not be used, back what this configuration says of them.</summary>
    public void Reconfigure()
    {
        foreach (Cluster cluster in Clusters)
        {
            var byAddress = cluster.Configuration.Hosts.ToDictionary(host => host.Address, StringComparer.Ordinal);
            foreach (UpstreamHost host in cluster.Hosts.Hosts)
            {
                if (byAddress.TryGetValue(host.Name, out HostConfiguration? configuration))
                {
                    host.Reconfigure(configuration.Hostname, configuration.Weight, configuration.Metadata);
                }
            }
        }
    }

    private static Cluster Make(ClusterConfiguration configuration, HostSet hosts, int loops, TlsContext? tls, ILoadBalancer balancer, Action<string>? warn)
    {
        try
        {
            return new Cluster(configuration, hosts, loops, tls, balancer) { Warn = warn };
        }
        catch (Exception e) when (e is not ConfigurationException)
        {
            throw new ConfigurationException([configuration.LoadBalancer.NameProblem($"the load balancer '{configuration.LoadBalancer.Name}' cannot be made: {e.Message}")]);
        }
    }

    private IEnumerable<UpstreamHost> AllHosts() => Clusters.SelectMany(cluster => cluster.Hosts.Hosts.ToArray());
}
