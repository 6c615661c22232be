using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Net.Transports;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Tcp;

/// <summary>The hosts that a session has tried to reach, and how many it may still try. A part of the session.</summary>
/// <param name="most">How many tries there are.</param>
internal struct TcpTries(int most)
{
    private TriedHosts _tried;

    private int _originals;

    /// <summary>How many there were.</summary>
    internal readonly int Count => _tried.Tries + _originals;

    /// <summary>The next host, one that was not tried while there is such a host; null when there is none, or the tries are used up.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="client">The client's connection, which knows where it was to go.</param>
    /// <param name="random">The loop's random numbers.</param>
    internal UpstreamHost? Next(Cluster cluster, Transport client, LoopRandom random)
    {
        if (Count >= most)
        {
            return null;
        }

        if (cluster.Configuration.Type != ClusterType.OriginalDestination)
        {
            return cluster.ChooseHost(client.Loop.Index, random, ref _tried);
        }

        // Without a listener filter that found it out, the address is our own, and to connect there would have no end.
        if (!client.IsLocalAddressRestored)
        {
            return null;
        }

        _originals++;
        var wanted = client.LocalAddress.ToEndPoint();
        string address = wanted.ToString();
        return new UpstreamHost(address, address, wanted, "", 1, cluster.Loops);
    }
}
