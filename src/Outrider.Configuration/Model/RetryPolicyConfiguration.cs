namespace Outrider.Configuration.Model;

/// <summary>When a failed request is tried again.</summary>
internal sealed record RetryPolicyConfiguration
{
    /// <summary>Whether responses are retried at all. Default false; MOSN then still retries a connection that could not be made.</summary>
    public bool RetryOn { get; init; }

    /// <summary>What is tried again, beside statuses of lists. Default: what breaks, and statuses of 500 and above.</summary>
    public RetryConditions Conditions { get; init; } = RetryConditions.Reset | RetryConditions.ServerErrors;

    /// <summary>Is a request whose method is not idempotent tried again though a byte of it went out, and no answer came? Default false.</summary>
    public bool NonIdempotent { get; init; }

    /// <summary>Longest pause before the second try, drawn from nothing up to it; doubles with each try. Default 25 ms.</summary>
    public TimeSpan BaseBackOff { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Longest pause before any. Default ten times the base.</summary>
    public TimeSpan MaxBackOff { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Bytes of a request's body that are kept for another try; a longer one has one try once it is on its way. Default 16 KiB.</summary>
    public int MaxKeptBody { get; init; } = DefaultKeptBody;

    /// <summary>What is kept where there is no policy: what a client sends together with its head is mostly less.</summary>
    public const int DefaultKeptBody = 16 * 1024;

    /// <summary>Headers of answers that are tried again.</summary>
    public IReadOnlyList<ResponseHeaderMatch> Headers { get; init; } = [];

    /// <summary>Is an answer with that status tried again? MOSN's rule: a status of the list, or any 5xx where there is no list.</summary>
    public bool Matches(int status) => StatusCodes.Contains(status)
        || (StatusCodes.Count == 0 && status >= 500 && (Conditions & RetryConditions.ServerErrors) != 0)
        || (status is >= 502 and <= 504 && (Conditions & RetryConditions.GatewayErrors) != 0)
        || (status == 409 && (Conditions & RetryConditions.Retriable4xx) != 0);

    /// <summary>Does it hold for what breaks, or does not answer in time?</summary>
    public bool OnReset => (Conditions & RetryConditions.Reset) != 0;

    /// <summary>Statuses of gRPC that count as failures; none by default.</summary>
    public GrpcStatusSet GrpcStatuses { get; init; }

    /// <summary>Longest time for one try; zero (the default) means no limit but the route's.</summary>
    public TimeSpan RetryTimeout { get; init; }

    /// <summary>Tries after the first one. Default 0; MOSN makes three at least.</summary>
    public int NumRetries { get; init; }

    /// <summary>Statuses that count as failures; empty (the default) means 500 and above, as in MOSN.</summary>
    public IReadOnlyList<int> StatusCodes { get; init; } = [];
}
