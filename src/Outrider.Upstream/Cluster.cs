using System.Text;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Security;
using Outrider.Telemetry;
using Outrider.Upstream.Affinity;
using Outrider.Upstream.Balancing;
using Outrider.Upstream.Breakers;
using Outrider.Upstream.Checks;
using Outrider.Upstream.Ejection;
using Outrider.Upstream.Hosts;
using Outrider.Upstream.Subsets;

namespace Outrider.Upstream;

/// <summary>An upstream cluster of one configuration. All loops share it; of what it holds only the hosts change, as a whole.</summary>
internal sealed class Cluster
{
    private static long s_generations;

    private readonly ILoadBalancer _balancer;
    private readonly Lock _making = new();
    private volatile Members _members;
    private volatile ClusterConfiguration _configuration;
    private int _isStale;

    /// <param name="configuration">What the configuration says.</param>
    /// <param name="hosts">The hosts to begin with.</param>
    /// <param name="loops">How many loops share it.</param>
    /// <param name="tls">How its hosts are spoken to in TLS; null for plain text.</param>
    /// <param name="balancer">What chooses a host; null for one of those that come with the proxy, which the configuration names.</param>
    /// <param name="counts">What there is of what is limited, of the cluster of that name before it; null for nothing.</param>
    public Cluster(ClusterConfiguration configuration, HostSet hosts, int loops, TlsContext? tls = null, ILoadBalancer? balancer = null, BreakerCounts? counts = null)
    {
        Breakers = new CircuitBreakers(configuration.Breakers, counts ?? new BreakerCounts());
        Tls = tls;
        _configuration = configuration;
        AffinityCookie = configuration.Affinity is { } affinity ? new CookieMaker(affinity) : null;
        NameBytes = Encoding.UTF8.GetBytes(configuration.Name);
        Loops = loops;
        _balancer = balancer ?? BuiltInBalancers.Create(configuration.LoadBalancer.Name, configuration.LoadBalancer.Options) ?? throw new ArgumentException($"no load balancer is named {configuration.LoadBalancer.Name}", nameof(balancer));
        _members = Make(hosts, null);
        if (configuration.Outliers is { } outliers)
        {
            Outliers = new OutlierDetector(outliers, () => Hosts, OnHealthChanged);
        }
    }

    private sealed record Members(HostSet Everyone, PickedHosts All, HostSubsets? Subsets, AffinityHosts? Affinity);

    /// <summary>Grows with each cluster that is made: of two of one name the greater is the newer configuration's.</summary>
    public long Generation { get; } = Interlocked.Increment(ref s_generations);

    /// <summary>The name that routes use.</summary>
    public string Name => Configuration.Name;

    /// <summary><see cref="Name"/> in UTF-8.</summary>
    public ReadOnlyMemory<byte> NameBytes { get; }

    /// <summary>What the configuration says. Of it the hosts alone may change.</summary>
    public ClusterConfiguration Configuration => _configuration;

    /// <summary>How its hosts are spoken to in TLS; null for plain text.</summary>
    public TlsContext? Tls { get; }

    /// <summary>How many loops share it.</summary>
    public int Loops { get; }

    /// <summary>The hosts as of now. Read it once for one decision.</summary>
    public HostSet Hosts => _members.Everyone;

    /// <summary>Makes the cookie that clients keep to their host by; null where there is none.</summary>
    public CookieMaker? AffinityCookie { get; }

    /// <summary>Finds the hosts that clients' cookies name; null where they name none.</summary>
    public AffinityHosts? Affinity => _members.Affinity;

    /// <summary>Finds hosts that fail requests; null where the configuration does not want that.</summary>
    public OutlierDetector? Outliers { get; }

    /// <summary>How much may be going on there.</summary>
    public CircuitBreakers Breakers { get; }

    /// <summary>How its hosts are checked; null for not at all.</summary>
    public HealthCheckPlan? Checks { get; init; }

    /// <summary>Is told when the hosts were replaced; on any thread. Null for nobody.</summary>
    public Action? HostsChanged { get; set; }

    /// <summary>Is told of hosts whose health has changed, and in a few words how; on any thread but a loop's. Null for nobody. Set before the first request.</summary>
    public Action<Cluster, UpstreamHost, string>? HealthChanged { get; set; }

    /// <summary>Is told when the load balancer throws, on the loop that it was asked on; null for nobody. Set before the first request.</summary>
    public Action<string>? Warn { get; set; }

    /// <summary>
    /// Chooses a host for one try and remembers it in <paramref name="tried"/>; null when there is none. On the loop of that number.
    /// Where the cluster has subsets it is one of the subset for exactly the keys and values of <paramref name="subset"/>, which is sorted;
    /// of all where nothing is asked for.
    /// </summary>
    /// <param name="loop">The loop's number.</param>
    /// <param name="random">The loop's random numbers.</param>
    /// <param name="tried">The hosts that were tried.</param>
    /// <param name="subset">What is asked for of the hosts' metadata.</param>
    /// <param name="hash">What the route's <c>hash_policy</c> makes of the request; null for nothing.</param>
    public UpstreamHost? ChooseHost(int loop, LoopRandom random, ref TriedHosts tried, List<KeyValuePair<string, string>>? subset = null, ulong? hash = null)
    {
        var members = _members;
        bool fellBack = false;
        var chosen = members.Subsets is { } subsets && subsets.TryFind(subset, out var found, out fellBack) ? found : members.All;
        if (fellBack && Stats is { } stats)
        {
            stats[loop].Counts.SubsetFallbacks++;
        }

        if (chosen is null)
        {
            return null;
        }

        var context = new PickContext(loop, random.NextULong(), in tried) { Hash = hash, Metadata = subset };
        try
        {
            return chosen.Pick(ref context, ref tried);
        }
        catch (Exception e)
        {
            // An extension's: it must not take the loop with it.
            Warn?.Invoke($"cluster {Name}: the load balancer {Configuration.LoadBalancer.Name} failed, and the request got no host: {e.GetType().Name}: {e.Message}");
            return null;
        }
    }

    /// <summary>Where it is counted what balancing does; null for nowhere. Set before the first request.</summary>
    public ClusterStats? Stats { get; set; }

    /// <summary>How many subsets its hosts are divided into; 0 where they are not.</summary>
    public int SubsetCount => _members.Subsets?.Count ?? 0;

    /// <summary>Would a cluster that is made of these do the same, but for its hosts?</summary>
    public bool IsSame(ClusterConfiguration configuration, TlsContext? tls) => Tls == tls && Configuration.IsSame(configuration);

    /// <summary>Is what it has of the classes that it would get now? Those of an assembly are others after a swap.</summary>
    public bool IsOfSameCode(ILoadBalancer? balancer, HealthCheckPlan? checks)
        => balancer?.GetType() == _balancer.GetType() && checks?.Checker.GetType() == Checks?.Checker.GetType()
        && (checks?.Callbacks ?? []).Select(static callback => callback.GetType()).SequenceEqual((Checks?.Callbacks ?? []).Select(static callback => callback.GetType()));

    /// <summary>Gives hosts, of which another configuration was built that is not used, back what this one says of them.</summary>
    public void Reconfigure()
    {
        var byAddress = Configuration.Hosts.ToDictionary(host => host.Address, StringComparer.Ordinal);
        foreach (UpstreamHost host in Hosts.Hosts)
        {
            if (byAddress.TryGetValue(host.Name, out HostConfiguration? configuration))
            {
                host.Reconfigure(configuration.Hostname, configuration.Weight, configuration.Metadata);
            }
        }
    }

    /// <summary>Replaces the hosts and what the configuration says of them. Any thread; one at a time.</summary>
    public void Replace(HostSet hosts, ClusterConfiguration configuration)
    {
        _configuration = configuration;
        Replace(hosts);
    }

    /// <summary>Replaces the hosts. Any thread.</summary>
    public void Replace(HostSet hosts)
    {
        lock (_making)
        {
            _members = Make(hosts, _members);
        }

        HostsChanged?.Invoke();
    }

    /// <summary>A host's health has changed: from now on requests are picked for by it. Any thread but a loop's.</summary>
    /// <param name="host">The host.</param>
    /// <param name="text">How it has changed: "is ejected".</param>
    public void OnHealthChanged(UpstreamHost host, string text)
    {
        Refresh();
        HealthChanged?.Invoke(this, host, text);
    }

    /// <summary>Makes the pickers anew for the hosts' health and weights of now. Of many at the same time one does it for all. Any thread but a loop's.</summary>
    public void Refresh()
    {
        if (Interlocked.Exchange(ref _isStale, 1) == 1)
        {
            return;
        }

        lock (_making)
        {
            Volatile.Write(ref _isStale, 0);
            Interlocked.MemoryBarrier();
            _members = Make(_members.Everyone, _members);
        }
    }

    private Members Make(HostSet hosts, Members? previous)
    {
        foreach (var host in hosts.Hosts)
        {
            // The newest of a cluster's configurations is told.
            host.StandingChanged = OnHealthChanged;
        }

        return new(
            hosts,
            Pick(hosts, previous?.All),
            Configuration.Subsets is { } subsets ? new HostSubsets(subsets, hosts, previous?.Subsets, Pick) : null,
            Configuration.Affinity is null ? null : new AffinityHosts(hosts));
    }

    private PickedHosts Pick(HostSet hosts, PickedHosts? previous)
        => PickedHosts.Of(hosts, _balancer, previous, Configuration.PanicThreshold, Configuration.SlowStart, Configuration.Zone);
}
