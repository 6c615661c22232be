namespace Outrider.Filters;

/// <summary>A host of a cluster, as load balancers see it. It outlives sets of hosts: the same address is the same object. Any thread.</summary>
public abstract class BalancedHost
{
    /// <summary>The address as it is configured: <c>backend:80</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The address that connections go to: <c>10.0.0.1:80</c>. The same as <see cref="Name"/> unless that is a DNS name.</summary>
    public abstract string Address { get; }

    /// <summary>1 to 128, as of now; a set of hosts keeps the one that it was made with.</summary>
    public abstract int Weight { get; }

    /// <summary>
    /// May requests be sent there: has it passed its health checks, and is it not ejected? A set of hosts that a picker is made for has those alone that
    /// were healthy then (or all of them where the cluster is in panic); a picked host that no longer is, is not used, and the picker is asked again.
    /// </summary>
    public virtual bool IsHealthy => true;

    /// <summary>Keeps requests away from the host until <see cref="TakeBack"/>, whatever its health checks say. Any thread but a loop's; nothing where it is so already, or on a base that does not do it.</summary>
    /// <param name="reason">Why, for the log and the admin API.</param>
    public virtual void SetAside(string reason)
    {
    }

    /// <summary>Lets requests go there again, as far as nothing else keeps them away. Any thread but a loop's; nothing where nobody has set it aside.</summary>
    /// <param name="reason">Why, for the log and the admin API.</param>
    public virtual void TakeBack(string reason)
    {
    }

    /// <summary>The host's metadata (<c>filter_metadata</c> under <c>mosn.lb</c> or <c>envoy.lb</c>). Empty where it has none.</summary>
    public abstract IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Requests in flight that one loop has sent. Exact on that loop; elsewhere a moment old.</summary>
    /// <param name="loop">The loop's number (<see cref="PickContext.Loop"/>).</param>
    /// <exception cref="IndexOutOfRangeException">There is no such loop.</exception>
    public abstract long ActiveRequestsOn(int loop);

    /// <summary>Open connections of all loops; a moment old.</summary>
    public virtual long ActiveConnections => 0;

    /// <summary>
    /// What requests of one loop took from being sent to the head of the response, in microseconds: a moving average that follows peaks at once. 0 before the first.
    /// Exact on that loop; elsewhere a moment old.
    /// </summary>
    /// <param name="loop">The loop's number (<see cref="PickContext.Loop"/>).</param>
    /// <param name="at">When it was last changed, in milliseconds of <see cref="Environment.TickCount64"/>.</param>
    public virtual double LatencyOn(int loop, out long at)
    {
        at = 0;
        return 0;
    }
}
