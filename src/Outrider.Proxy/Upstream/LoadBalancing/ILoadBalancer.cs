namespace Outrider.Proxy.Upstream.LoadBalancing;

/// <summary>
/// A way to choose a host. One object serves one cluster on all loops; what it remembers from one choice to the next it keeps
/// per loop, or in a counter of the process where the order is the process's, so a choice takes no lock, and allocates nothing while
/// the hosts stay the same.
/// </summary>
internal interface ILoadBalancer
{
    /// <summary>The name in the configuration: <c>LB_RANDOM</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Chooses a host, one that is not in <paramref name="tried"/> while there is such a host, and adds it there.
    /// Called on the loop of that number.
    /// </summary>
    /// <returns>Null when there is no host at all.</returns>
    UpstreamHost? Choose(HostSet hosts, int loop, LoopRandom random, ref TriedHosts tried);
}
