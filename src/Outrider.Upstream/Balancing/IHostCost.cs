using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Balancing;

/// <summary>What it costs to send a request to a host, by which <see cref="LeastOfDrawn{TCost}"/> compares.</summary>
internal interface IHostCost
{
    /// <summary>The moment of a pick, for costs that change with time; 0 where they do not.</summary>
    static virtual long Now => 0;

    /// <summary>The cost of the host with that place. On the loop.</summary>
    double Of(in HostPlace host, int loop, long now);
}
