namespace Outrider.Upstream.Ejection;

/// <summary>Which of a host's failures followed each other.</summary>
internal enum EjectionCause
{
    /// <summary>Answers of 500 and above, one after the other.</summary>
    Consecutive5xx,

    /// <summary>Answers of 502, 503 and 504, one after the other.</summary>
    ConsecutiveGatewayFailure,

    /// <summary>Connections, resets and timeouts, one after the other.</summary>
    ConsecutiveLocalOriginFailure,
}
