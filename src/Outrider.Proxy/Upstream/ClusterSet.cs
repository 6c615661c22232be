using Outrider.Filters;
using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Configuration.Problems;
using Outrider.Proxy.Tls;
using Outrider.Proxy.Upstream.Breakers;
using Outrider.Proxy.Upstream.Checks;
using Outrider.Proxy.Upstream.Hosts;

namespace Outrider.Proxy.Upstream;

/// <summary>All clusters of one configuration. Immutable, shared by all loops, and replaced as a whole on a reload.</summary>
internal sealed class ClusterSet
{
    /// <summary>No cluster at all.</summary>
    public static readonly ClusterSet Empty = new([], []);

    private readonly Dictionary<string, Cluster> _byName;
    private HostSet[] _planned = [];
    private IReadOnlyList<ClusterConfiguration> _configurations = [];

    private ClusterSet(IReadOnlyList<Cluster> clusters, IReadOnlyList<string> warnings)
    {
        Clusters = clusters;
        Warnings = warnings;
        _byName = clusters.ToDictionary(c => c.Name, StringComparer.Ordinal);
    }

    /// <summary>The clusters in the order of the configuration.</summary>
    public IReadOnlyList<Cluster> Clusters { get; }

    /// <summary>What went wrong without being an error: names that did not resolve.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// Makes the clusters of a configuration. Waits for the DNS names among the hosts, 5 s at most: not for a loop's thread.
    /// A cluster of <paramref name="previous"/> of which the same is said, but for its hosts, is kept as it is, and gets its hosts with
    /// <see cref="Use"/>. A host of <paramref name="previous"/> with the same cluster and address is kept, pools and counters with it.
    /// Dispose the <see cref="DnsRefresher"/> of <paramref name="previous"/> first.
    /// </summary>
    /// <param name="configurations">The clusters; names are unique.</param>
    /// <param name="previous">The clusters in force, or null.</param>
    /// <param name="loops">How many loops there are.</param>
    /// <param name="resolver">Resolves names; null for the system's resolver.</param>
    /// <param name="tls">The certificates; null where no cluster speaks TLS.</param>
    /// <param name="balancers">The load balancers that clusters can name beside those that come with the proxy; null for none.</param>
    /// <param name="warn">Is told what goes wrong with a load balancer while it runs; on any loop.</param>
    /// <param name="onlyChanged">Leave clusters alone whose configuration is the very object that is in force; otherwise their names are looked up again.</param>
    /// <param name="health">The health checkers that clusters can name beside those that come with the proxy; null for none.</param>
    /// <exception cref="ConfigurationException">A load balancer or a health checker cannot be made.</exception>
    public static ClusterSet Build(
        IReadOnlyList<ClusterConfiguration> configurations, ClusterSet? previous, int loops, NameResolver? resolver = null, TlsContextSet? tls = null,
        LoadBalancerRegistry? balancers = null, Action<string>? warn = null, bool onlyChanged = false, HealthCheckRegistry? health = null)
    {
        List<ConfigurationProblem> problems = [];
        var makers = new ClusterBalancers(balancers);
        ILoadBalancer?[] made = [.. configurations.Select(configuration => makers.Create(configuration.LoadBalancer, problems))];
        var plans = new HealthCheckPlans(health);
        HealthCheckPlan?[] checks = [.. configurations.Select(configuration => plans.Create(configuration.HealthCheck, tls?.For(configuration), problems))];
        if (problems.Count > 0)
        {
            throw new ConfigurationException(problems);
        }

        // On a thread of the pool, for the caller's synchronization context may be waiting for this very call.
        ResolvedNames names = Task.Run(() => ResolvedNames.ResolveAsync(configurations.Where(configuration => !IsInForce(configuration)), resolver, CancellationToken.None)).GetAwaiter().GetResult();
        List<string> warnings = [];
        var clusters = new Cluster[configurations.Count];
        var planned = new HostSet[configurations.Count];
        for (int i = 0; i < clusters.Length; i++)
        {
            ClusterConfiguration configuration = configurations[i];
            var before = previous?.Find(configuration.Name);
            var context = tls?.For(configuration);
            if (before is not null && IsInForce(configuration))
            {
                planned[i] = before.Hosts;
            }
            else
            {
                planned[i] = HostListBuilder.Build(configuration, before?.Hosts ?? HostSet.Empty, names, loops);
                warnings.AddRange(DnsWarnings.Of(configuration, planned[i], names));
            }

            if (before is not null && before.IsSame(configuration, context))
            {
                // Whatever changes of the others or of its hosts, its round and its connections go on.
                clusters[i] = before;
                planned[i] = before.Configuration.HasSameHosts(configuration) && planned[i].Hosts.SequenceEqual(before.Hosts.Hosts) ? before.Hosts : planned[i];
                (made[i] as IDisposable)?.Dispose();
                checks[i]?.Dispose();
            }
            else
            {
                clusters[i] = Make(configuration, planned[i], loops, context, made[i]!, checks[i], before?.Breakers.Counts, warn);
            }
        }

        return new ClusterSet(clusters, warnings) { _planned = planned, _configurations = configurations };

        bool IsInForce(ClusterConfiguration configuration) => onlyChanged && ReferenceEquals(previous?.Find(configuration.Name)?.Configuration, configuration);
    }

    /// <summary>The set is in force from now on: clusters that it has of the one before get the hosts that it was built with. Once.</summary>
    public void Use()
    {
        for (int i = 0; i < _planned.Length; i++)
        {
            if (Clusters[i].Hosts != _planned[i])
            {
                Clusters[i].Replace(_planned[i], _configurations[i]);
            }
        }

        _planned = [];
    }

    /// <summary>The cluster of that name, or null.</summary>
    public Cluster? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The hosts that <paramref name="next"/> no longer has: their pools are to be drained. Before <see cref="Use"/> of that one.</summary>
    public IReadOnlyList<UpstreamHost> HostsMissingFrom(ClusterSet next)
    {
        HashSet<UpstreamHost> kept = [.. next._planned.SelectMany(static hosts => hosts.Hosts.ToArray())];
        return [.. Clusters.SelectMany(cluster => cluster.Hosts.Hosts.ToArray()).Where(host => !kept.Contains(host))];
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

    private static Cluster Make(ClusterConfiguration configuration, HostSet hosts, int loops, TlsContext? tls, ILoadBalancer balancer, HealthCheckPlan? checks, BreakerCounts? counts, Action<string>? warn)
    {
        try
        {
            return new Cluster(configuration, hosts, loops, tls, balancer, counts) { Warn = warn, Checks = checks };
        }
        catch (Exception e) when (e is not ConfigurationException)
        {
            throw new ConfigurationException([configuration.LoadBalancer.NameProblem($"the load balancer '{configuration.LoadBalancer.Name}' cannot be made: {e.Message}")]);
        }
    }
}
