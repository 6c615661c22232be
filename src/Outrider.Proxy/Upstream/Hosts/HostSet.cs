using Outrider.Filters;

namespace Outrider.Proxy.Upstream.Hosts;

/// <summary>The hosts of a cluster at one moment, with their weights as of then. Immutable.</summary>
internal sealed class HostSet : BalancedHosts
{
    /// <summary>No host at all.</summary>
    public static readonly HostSet Empty = new([], 1);

    private readonly UpstreamHost[] _hosts;

    public HostSet(UpstreamHost[] hosts, int loops) : base(hosts, loops) => _hosts = hosts;

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
}
