using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Upstream.LoadBalancing;

namespace Outrider.Proxy.Upstream.Subsets;

/// <summary>The hosts of a cluster at one moment, divided by their metadata. Each subset goes its own round. Immutable; finding one allocates nothing.</summary>
internal sealed class HostSubsets
{
    private readonly Dictionary<string, Subset> _subsets = new(StringComparer.Ordinal);
    private readonly Subset? _default;
    private readonly bool _fallsBackToAny;

    /// <param name="configuration">How they are divided.</param>
    /// <param name="hosts">The hosts, each with its metadata.</param>
    /// <param name="loadBalancer">How a host of a subset is chosen.</param>
    /// <param name="loops">How many loops there are.</param>
    public HostSubsets(
        SubsetConfiguration configuration, IReadOnlyList<(UpstreamHost Host, IReadOnlyDictionary<string, string> Metadata)> hosts, LoadBalancerType loadBalancer, int loops)
    {
        Subset Make(IEnumerable<UpstreamHost> members) => new(new HostSet(members), LoadBalancers.Create(loadBalancer, loops));
        foreach (var selector in configuration.Selectors)
        {
            var having = hosts.Where(host => selector.All(host.Metadata.ContainsKey));
            foreach (var subset in having.GroupBy(host => SubsetKey.Of(selector.Select(key => KeyValuePair.Create(key, host.Metadata[key])))))
            {
                _ = _subsets.TryAdd(subset.Key, Make(subset.Select(host => host.Host)));
            }
        }

        _fallsBackToAny = configuration.Fallback == SubsetFallback.AnyHost;
        _default = configuration.Fallback switch
        {
            SubsetFallback.DefaultSubset => Make(hosts
                .Where(host => configuration.DefaultSubset.All(pair => host.Metadata.TryGetValue(pair.Key, out string? value) && value == pair.Value))
                .Select(host => host.Host)),
            _ => null,
        };
    }

    private sealed record Subset(HostSet Hosts, ILoadBalancer LoadBalancer);

    /// <summary>
    /// Chooses a host of the subset for exactly these keys and values, or of the one that stands in for it; null when there is none. Sorts <paramref name="wanted"/>.
    /// False: any host of the cluster will do, as nothing is wanted, or nothing else is left.
    /// </summary>
    public bool TryChoose(List<KeyValuePair<string, string>>? wanted, int loop, LoopRandom random, ref TriedHosts tried, out UpstreamHost? host)
    {
        host = null;
        if (wanted is not { Count: > 0 })
        {
            return false;
        }

        var subset = SubsetKey.Find(wanted, _subsets.GetAlternateLookup<ReadOnlySpan<char>>());
        if (subset is null && _fallsBackToAny)
        {
            return false;
        }

        subset ??= _default;
        host = subset?.LoadBalancer.Choose(subset.Hosts, loop, random, ref tried);
        return true;
    }
}
