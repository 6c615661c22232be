using Outrider.Proxy.Grpc;

namespace Outrider.Proxy.Configuration.Model;

/// <summary>When a failed request is tried again.</summary>
internal sealed record RetryPolicyConfiguration
{
    /// <summary>Whether responses are retried at all. Default false; MOSN then still retries a connection that could not be made.</summary>
    public bool RetryOn { get; init; }

    /// <summary>Does it hold for broken connections, and for statuses of 500 and above where there is no list? Default true.</summary>
    public bool OnFailure { get; init; } = true;

    /// <summary>Statuses of gRPC that count as failures; none by default.</summary>
    public GrpcStatusSet GrpcStatuses { get; init; }

    /// <summary>Longest time for one try; zero (the default) means no limit but the route's.</summary>
    public TimeSpan RetryTimeout { get; init; }

    /// <summary>Tries after the first one. Default 0; MOSN makes three at least.</summary>
    public int NumRetries { get; init; }

    /// <summary>Statuses that count as failures; empty (the default) means 500 and above, as in MOSN.</summary>
    public IReadOnlyList<int> StatusCodes { get; init; } = [];
}
