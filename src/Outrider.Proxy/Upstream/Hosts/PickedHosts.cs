using Outrider.Filters;

namespace Outrider.Proxy.Upstream.Hosts;

/// <summary>A set of hosts, and what picks among them. Immutable but for what the picker remembers.</summary>
/// <param name="Hosts">The hosts.</param>
/// <param name="Picker">Picks.</param>
internal sealed record PickedHosts(HostSet Hosts, IHostPicker Picker)
{
    /// <summary>These hosts, with a picker for them.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <param name="balancer">Makes the picker.</param>
    /// <param name="previous">Whose place they take, or null.</param>
    public static PickedHosts Of(HostSet hosts, ILoadBalancer balancer, PickedHosts? previous)
        => new(hosts, balancer.BuildPicker(hosts, previous?.Picker) ?? throw new InvalidOperationException("the load balancer made no picker"));

    /// <summary>Picks a host and remembers it in <paramref name="tried"/>; null when there is none. <paramref name="context"/> shows <paramref name="tried"/>.</summary>
    public UpstreamHost? Pick(ref PickContext context, ref TriedHosts tried)
    {
        int index = Picker.Pick(ref context);
        if ((uint)index >= (uint)Hosts.Count)
        {
            return null;
        }

        UpstreamHost host = Hosts[index];
        tried.Add(host);
        return host;
    }
}
