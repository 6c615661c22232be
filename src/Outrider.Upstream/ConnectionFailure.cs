namespace Outrider.Upstream;

/// <summary>Why there is no connection for somebody who asked a pool.</summary>
internal enum ConnectionFailure
{
    /// <summary>The host did not take it, or TLS failed.</summary>
    Refused,

    /// <summary>The host did not answer in time.</summary>
    TimedOut,

    /// <summary>The host has as many connections as it may have, and none became free in time.</summary>
    Overflow,

    /// <summary>The cluster has as much going on as its circuit breakers allow.</summary>
    CircuitBreaker,
}
