using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Subsets;

/// <summary>The hosts of a cluster at one moment, divided by their metadata. Each subset goes its own round. Immutable; finding one allocates nothing.</summary>
internal sealed class HostSubsets
{
    private readonly Dictionary<string, PickedHosts> _subsets = new(StringComparer.Ordinal);
    private readonly PickedHosts? _default;
    private readonly bool _fallsBackToAny;

    /// <param name="configuration">How they are divided.</param>
    /// <param name="hosts">The hosts, each with its metadata.</param>
    /// <param name="previous">Whose place they take, whose rounds go on; null for the first.</param>
    /// <param name="pick">Makes what picks among the hosts of one subset, in the place of another or for the first time.</param>
    public HostSubsets(SubsetConfiguration configuration, HostSet hosts, HostSubsets? previous, Func<HostSet, PickedHosts?, PickedHosts> pick)
    {
        PickedHosts Make(IEnumerable<UpstreamHost> members, PickedHosts? before) => pick(new HostSet([.. members], hosts.Loops), before);
        UpstreamHost[] all = hosts.Hosts.ToArray();
        foreach (var selector in configuration.Selectors)
        {
            var having = all.Where(host => selector.All(host.Metadata.ContainsKey));
            foreach (var subset in having.GroupBy(host => SubsetKey.Of(selector.Select(key => KeyValuePair.Create(key, host.Metadata[key])))))
            {
                if (!_subsets.ContainsKey(subset.Key))
                {
                    _subsets.Add(subset.Key, Make(subset, previous?._subsets.GetValueOrDefault(subset.Key)));
                }
            }
        }

        _fallsBackToAny = configuration.Fallback == SubsetFallback.AnyHost;
        _default = configuration.Fallback switch
        {
            SubsetFallback.DefaultSubset => Make(all.Where(host => configuration.DefaultSubset.All(pair => host.Metadata.TryGetValue(pair.Key, out string? value) && value == pair.Value)), previous?._default),
            _ => null,
        };
    }

    /// <summary>How many there are, the default one not among them.</summary>
    public int Count => _subsets.Count;

    /// <summary>
    /// Finds the subset for exactly these keys and values, or the one that stands in for it; null when there is none. Sorts <paramref name="wanted"/>.
    /// False: any host of the cluster will do, as nothing is wanted, or nothing else is left.
    /// </summary>
    public bool TryFind(List<KeyValuePair<string, string>>? wanted, out PickedHosts? subset, out bool fellBack)
    {
        fellBack = false;
        subset = null;
        if (wanted is not { Count: > 0 })
        {
            return false;
        }

        subset = SubsetKey.Find(wanted, _subsets.GetAlternateLookup<ReadOnlySpan<char>>());
        fellBack = subset is null && (_fallsBackToAny || _default is not null);
        if (subset is null && _fallsBackToAny)
        {
            return false;
        }

        subset ??= _default;
        return true;
    }
}
