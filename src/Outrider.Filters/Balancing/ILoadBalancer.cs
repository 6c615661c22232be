namespace Outrider.Filters;

/// <summary>A way to choose hosts, of one cluster: makes a picker whenever the cluster's hosts change. Off the loops, one call at a time.</summary>
public interface ILoadBalancer
{
    /// <summary>Makes the picker for a set of hosts. It may take its time: the hosts before are picked from meanwhile.</summary>
    /// <param name="hosts">The hosts; may be none.</param>
    /// <param name="previous">The picker that this one takes the place of, made by the same balancer, so that it can go on where that one stands; null for the first, and for subsets.</param>
    IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous);
}
