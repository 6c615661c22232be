using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Upstream;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>How often a request was sent, and to which hosts, and whether that was enough. A part of its exchange: no allocation.</summary>
internal struct RequestTries
{
    // Of all kinds together: to other hosts, on a fresh connection, and what a policy allows.
    private const int MaxTries = 5;

    private int _byPolicy;

    /// <summary>The hosts that were chosen so far. A field, for those who choose add to it.</summary>
    internal TriedHosts Hosts;

    /// <summary>How many times the request was sent, or is being sent.</summary>
    internal int Count { get; private set; }

    /// <summary>Have there been as many as there may be, whatever a policy says?</summary>
    internal readonly bool AreEnough => Count >= MaxTries;

    /// <summary>Another one begins.</summary>
    internal void Begin() => Count++;

    /// <summary>Would the route's policy allow another one?</summary>
    internal readonly bool AllowedBy(RetryPolicyConfiguration? policy) => policy is { RetryOn: true } && _byPolicy < policy.NumRetries && !AreEnough;

    /// <summary>Takes one of those that the policy allows. False: it allows no more.</summary>
    internal bool TryTake(RetryPolicyConfiguration? policy)
    {
        bool allowed = AllowedBy(policy);
        _byPolicy += allowed ? 1 : 0;
        return allowed;
    }
}
