using System.Text;
using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Tls;
using Outrider.Proxy.Upstream.LoadBalancing;

namespace Outrider.Proxy.Upstream;

/// <summary>An upstream cluster of one configuration. All loops share it; of what it holds only the list of hosts changes, as a whole.</summary>
internal sealed class Cluster
{
    private static long s_generations;

    private volatile HostSet _hosts;

    public Cluster(ClusterConfiguration configuration, HostSet hosts, int loops, TlsContext? tls = null)
    {
        Tls = tls;
        Configuration = configuration;
        NameBytes = Encoding.UTF8.GetBytes(configuration.Name);
        Loops = loops;
        LoadBalancer = LoadBalancers.Create(configuration.LoadBalancer, loops);
        _hosts = hosts;
    }

    /// <summary>Grows with each cluster that is made: of two of one name the greater is the newer configuration's.</summary>
    public long Generation { get; } = Interlocked.Increment(ref s_generations);

    /// <summary>The name that routes use.</summary>
    public string Name => Configuration.Name;

    /// <summary><see cref="Name"/> in UTF-8.</summary>
    public ReadOnlyMemory<byte> NameBytes { get; }

    /// <summary>What the configuration says.</summary>
    public ClusterConfiguration Configuration { get; }

    /// <summary>How its hosts are spoken to in TLS; null for plain text.</summary>
    public TlsContext? Tls { get; }

    /// <summary>How many loops share it.</summary>
    public int Loops { get; }

    /// <summary>The hosts as of now. Read it once for one decision.</summary>
    public HostSet Hosts => _hosts;

    /// <summary>What chooses a host.</summary>
    public ILoadBalancer LoadBalancer { get; }

    /// <summary>
    /// Chooses a host for one try and remembers it in <paramref name="tried"/>; null when there is none. On the loop of that number.
    /// Where the cluster has subsets it is one of the subset for exactly the keys and values of <paramref name="subset"/>, which is sorted;
    /// of all where nothing is asked for.
    /// </summary>
    public UpstreamHost? ChooseHost(int loop, LoopRandom random, ref TriedHosts tried, List<KeyValuePair<string, string>>? subset = null)
    {
        var hosts = _hosts;
        return hosts.Subsets is { } subsets && subsets.TryChoose(subset, loop, random, ref tried, out var host)
            ? host
            : LoadBalancer.Choose(hosts, loop, random, ref tried);
    }

    /// <summary>Replaces the hosts. Any thread; one at a time.</summary>
    public void Replace(HostSet hosts) => _hosts = hosts;
}
