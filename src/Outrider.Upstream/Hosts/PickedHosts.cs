using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Upstream.Hosts;

/// <summary>Hosts that requests may go to, and what picks among them. Immutable but for what the picker remembers.</summary>
/// <param name="Hosts">The healthy hosts; all of them in panic.</param>
/// <param name="Picker">Picks.</param>
/// <param name="IsPanicking">Are so few healthy that all are used?</param>
internal sealed record PickedHosts(HostSet Hosts, IHostPicker Picker, bool IsPanicking)
{
    // Asking the picker again, before any healthy host will do: its answer keeps to weights and hashes.
    private const int MaxPicks = 4;

    /// <summary>The healthy ones of these hosts, with a picker for them.</summary>
    /// <param name="everyone">The hosts.</param>
    /// <param name="balancer">Makes the picker.</param>
    /// <param name="previous">Whose place they take, or null.</param>
    /// <param name="panicThreshold">Per cent of healthy hosts below which all are used; 0 for never.</param>
    /// <param name="slowStart">How hosts that have become healthy get their share; null for at once.</param>
    /// <param name="zone">The hosts that requests go to rather than to others; null for none.</param>
    public static PickedHosts Of(
        HostSet everyone, ILoadBalancer balancer, PickedHosts? previous, int panicThreshold = 0, SlowStartConfiguration? slowStart = null, ZonePreference? zone = null)
    {
        everyone = zone is null ? everyone : everyone.Preferred(zone);
        var healthy = everyone.Healthy();
        bool panics = healthy.Count * 100L < (long)panicThreshold * everyone.Count;
        var hosts = panics ? everyone : healthy;
        hosts = slowStart is null ? hosts : hosts.Weighted(slowStart, Environment.TickCount64);
        return new(hosts, balancer.BuildPicker(hosts, previous?.Picker) ?? throw new InvalidOperationException("the load balancer made no picker"), panics);
    }

    /// <summary>Picks a host and remembers it in <paramref name="tried"/>; null when there is none. <paramref name="context"/> shows <paramref name="tried"/>.</summary>
    public UpstreamHost? Pick(ref PickContext context, ref TriedHosts tried)
    {
        int index = Picker.Pick(ref context);
        if ((uint)index >= (uint)Hosts.Count)
        {
            return null;
        }

        var host = Hosts[index];
        if (!Hosts.IsHealthy(index) && !IsPanicking)
        {
            // Since the picker was made. The next one will not know it.
            host = PickAnother(host, ref context, tried);
            if (host is null)
            {
                return null;
            }
        }

        tried.Add(host);
        return host;
    }

    private UpstreamHost? PickAnother(UpstreamHost sick, ref PickContext context, TriedHosts avoided)
    {
        for (int i = 1; i < MaxPicks; i++)
        {
            avoided.Add(sick);
            var again = new PickContext(context.Loop, context.Next(uint.MaxValue), in avoided) { Hash = context.Hash, Metadata = context.Metadata };
            int index = Picker.Pick(ref again);
            if ((uint)index >= (uint)Hosts.Count)
            {
                return null;
            }

            sick = Hosts[index];
            if (sick.IsHealthy)
            {
                return sick;
            }
        }

        int start = (int)context.Next((uint)Hosts.Count);
        for (int i = 0; i < Hosts.Count; i++)
        {
            var host = Hosts[(start + i) % Hosts.Count];
            if (host.IsHealthy)
            {
                return host;
            }
        }

        return null;
    }
}
