namespace Outrider.Configuration.Model;

/// <summary>What is tried again: Envoy's words for <c>retry_on</c>.</summary>
[Flags]
internal enum RetryConditions
{
    /// <summary>Nothing but what is in a list of statuses, of HTTP or of gRPC.</summary>
    None = 0,

    /// <summary><c>reset</c>: the connection broke, or there was no answer in time.</summary>
    Reset = 1,

    /// <summary><c>5xx</c>, with <see cref="Reset"/>: a status of 500 and above.</summary>
    ServerErrors = 2,

    /// <summary><c>gateway-error</c>, with <see cref="Reset"/>: 502, 503 and 504.</summary>
    GatewayErrors = 4,

    /// <summary><c>retriable-4xx</c>: 409.</summary>
    Retriable4xx = 8,

    /// <summary><c>connect-failure</c>: no connection could be made, to the same host too.</summary>
    ConnectFailure = 16,

    /// <summary><c>envoy-ratelimited</c>: an answer with <c>x-envoy-ratelimited</c>.</summary>
    RateLimited = 32,

    /// <summary><c>retriable-headers</c>: an answer with one of the policy's headers.</summary>
    RetriableHeaders = 64,

    /// <summary>The words are Envoy's, by which an answer with <c>x-envoy-ratelimited</c> is not tried again without <see cref="RateLimited"/>.</summary>
    OfWords = 128,
}
