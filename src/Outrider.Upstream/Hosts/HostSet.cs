using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Upstream.Hosts;

/// <summary>The hosts of a cluster at one moment, with their weights as of then. Immutable.</summary>
internal sealed class HostSet : BalancedHosts
{
    /// <summary>No host at all.</summary>
    public static readonly HostSet Empty = new([], 1);

    private readonly UpstreamHost[] _hosts;
    private readonly HostPlace[] _places;

    public HostSet(UpstreamHost[] hosts, int loops) : base(hosts, loops) => (_hosts, _places) = (hosts, Places(hosts));

    private HostSet(UpstreamHost[] hosts, int loops, int[] weights) : base(hosts, loops, weights) => (_hosts, _places) = (hosts, Places(hosts));

    /// <summary>The same hosts, where some are still in their slow start: with weights of now, a hundred times finer. This very set where none is.</summary>
    /// <param name="slowStart">How it goes.</param>
    /// <param name="now">Milliseconds of <see cref="Environment.TickCount64"/>.</param>
    public HostSet Weighted(SlowStartConfiguration slowStart, long now)
    {
        const int Finer = 100;
        int[]? weights = null;
        for (int i = 0; i < _hosts.Length; i++)
        {
            if (_hosts[i].Health.HealthySince is > 0 and var since && slowStart.ShareAfter(now - since) is < 1 and var share)
            {
                weights ??= [.. _hosts.Select(static host => host.Weight * Finer)];
                weights[i] = Math.Max(1, (int)Math.Round(Weights[i] * Finer * share));
            }
        }

        return weights is null ? this : new HostSet(_hosts, Loops, weights);
    }

    /// <summary>Those of them that are preferred, as long as enough of these are healthy; all of them otherwise.</summary>
    public HostSet Preferred(ZonePreference zone)
    {
        UpstreamHost[] near = [.. _hosts.Where(host => host.Metadata.TryGetValue(zone.Key, out string? value) && value == zone.Value)];
        return near.Length > 0 && near.Count(static host => host.IsHealthy) * 100L >= (long)zone.MinHealthyPercent * near.Length ? new HostSet(near, Loops) : this;
    }

    /// <summary>Those of them that requests may go to; this very set when all may.</summary>
    public HostSet Healthy()
    {
        foreach (var host in _hosts)
        {
            if (!host.IsHealthy)
            {
                return new HostSet([.. _hosts.Where(static other => other.IsHealthy)], Loops);
            }
        }

        return this;
    }

    /// <summary>The hosts in the order of the configuration.</summary>
    public ReadOnlySpan<UpstreamHost> Hosts => _hosts;

    /// <summary>The host at an index.</summary>
    public new UpstreamHost this[int index] => _hosts[index];

    /// <summary>May requests go to the host at an index, as of now? The host itself is not touched.</summary>
    public bool IsHealthy(int index)
    {
        ref readonly var place = ref _places[index];
        return !place.Loads.IsSick(place.Index);
    }

    /// <summary>Where what picks look at of the host at an index lies, and its weight here.</summary>
    public ref readonly HostPlace Place(int index) => ref _places[index];

    private HostPlace[] Places(UpstreamHost[] hosts)
    {
        var places = new HostPlace[hosts.Length];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = hosts[i].PlaceWith(Weights[i]);
        }

        return places;
    }
}
