using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Security;
using Outrider.Upstream.Breakers;
using Outrider.Upstream.Checks;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream;

/// <summary>All clusters of one configuration. Immutable, shared by all loops, and replaced as a whole on a reload.</summary>
internal sealed class ClusterSet
{
    /// <summary>No cluster at all.</summary>
    public static readonly ClusterSet Empty = new([], []);

    private readonly Dictionary<string, Cluster> _byName;
    // By cluster: the hosts that it gets with the use of this set; null for those that it has.
    private HostSet?[] _planned = [];
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

    /// <summary>How long the shortest answer of DNS holds that a cluster wants to go by; null where none does.</summary>
    public TimeSpan? NamesLifetime { get; private init; }

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
    /// <param name="health">The health checkers that clusters can name beside those that come with the proxy; null for none.</param>
    /// <exception cref="ConfigurationException">A load balancer or a health checker cannot be made.</exception>
    public static ClusterSet Build(
        IReadOnlyList<ClusterConfiguration> configurations, ClusterSet? previous, int loops, NameResolver? resolver = null, TlsContextSet? tls = null,
        LoadBalancerRegistry? balancers = null, Action<string>? warn = null, HealthCheckRegistry? health = null)
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
        ResolvedNames names = Task.Run(() => ResolvedNames.ResolveAsync(configurations, resolver, CancellationToken.None)).GetAwaiter().GetResult();
        List<string> warnings = [];
        var clusters = new Cluster[configurations.Count];
        var planned = new HostSet?[configurations.Count];
        for (int i = 0; i < clusters.Length; i++)
        {
            ClusterConfiguration configuration = configurations[i];
            var before = previous?.Find(configuration.Name);
            var context = tls?.For(configuration);
            var hosts = HostListBuilder.Build(configuration, before?.Hosts ?? HostSet.Empty, names, loops);
            warnings.AddRange(DnsWarnings.Of(configuration, hosts, names));
            if (before is not null && before.IsSame(configuration, context) && before.IsOfSameCode(made[i], checks[i]))
            {
                // Whatever changes of the others or of its hosts, its round and its connections go on.
                clusters[i] = before;
                planned[i] = HostConfiguration.AreSame(before.Configuration.Hosts, configuration.Hosts) && hosts.Hosts.SequenceEqual(before.Hosts.Hosts) ? null : hosts;
                (made[i] as IDisposable)?.Dispose();
                checks[i]?.Dispose();
            }
            else
            {
                clusters[i] = Make(configuration, hosts, loops, context, made[i]!, checks[i], before?.Breakers.Counts, warn);
            }
        }

        return new ClusterSet(clusters, warnings) { _planned = planned, NamesLifetime = names.Lifetime, _configurations = configurations };
    }

    /// <summary>The clusters in force, but for some that are others.</summary>
    /// <param name="previous">The clusters in force.</param>
    /// <param name="configurations">All clusters there are to be, in their order.</param>
    /// <param name="changed">What was built of those that are others, by name.</param>
    public static ClusterSet Merge(ClusterSet previous, IReadOnlyList<ClusterConfiguration> configurations, IReadOnlyDictionary<string, ClusterSet> changed)
    {
        var clusters = new Cluster[configurations.Count];
        var planned = new HostSet?[configurations.Count];
        for (int i = 0; i < clusters.Length; i++)
        {
            string name = configurations[i].Name;
            bool isChanged = changed.TryGetValue(name, out var set);
            clusters[i] = (isChanged ? set! : previous).Find(name)!;
            planned[i] = isChanged ? set!._planned[0] : null;
        }

        return new ClusterSet(clusters, [.. changed.Values.SelectMany(static set => set.Warnings)]) { _planned = planned, _configurations = configurations };
    }

    /// <summary>The set is in force from now on: clusters that it has of the one before get the hosts that it was built with. Once.</summary>
    public void Use()
    {
        for (int i = 0; i < _planned.Length; i++)
        {
            if (_planned[i] is { } hosts)
            {
                Clusters[i].Replace(hosts, _configurations[i]);
            }
        }

        _planned = [];
    }

    /// <summary>The cluster of that name, or null.</summary>
    public Cluster? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The hosts that <paramref name="next"/> no longer has: their pools are to be drained. Before <see cref="Use"/> of that one.</summary>
    public IReadOnlyList<UpstreamHost> HostsMissingFrom(ClusterSet next)
    {
        HashSet<UpstreamHost> kept = [.. next.Clusters.SelectMany((cluster, i) => ((i < next._planned.Length ? next._planned[i] : null) ?? cluster.Hosts).Hosts.ToArray())];
        return [.. Clusters.SelectMany(cluster => cluster.Hosts.Hosts.ToArray()).Where(host => !kept.Contains(host))];
    }

    /// <summary>Gives hosts that a set was built on, which will not be used, back what this configuration says of them.</summary>
    public void Reconfigure()
    {
        foreach (Cluster cluster in Clusters)
        {
            cluster.Reconfigure();
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
