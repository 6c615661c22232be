namespace Outrider.Filters;

/// <summary>What went wrong with a stream; written to access logs as Envoy's short codes, joined with commas.</summary>
[Flags]
public enum ResponseFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>UH</c>: no healthy host in the cluster (503).</summary>
    NoHealthyUpstream = 1,

    /// <summary><c>UF</c>: the connection to the upstream failed (502).</summary>
    UpstreamConnectionFailure = 2,

    /// <summary><c>UC</c>: the upstream closed or reset the connection (502, or truncation).</summary>
    UpstreamConnectionTermination = 4,

    /// <summary><c>UT</c>: connecting or answering took too long (504).</summary>
    UpstreamRequestTimeout = 8,

    /// <summary><c>NR</c>: no route matched (404).</summary>
    NoRouteFound = 16,

    /// <summary><c>DC</c>: the client went away.</summary>
    DownstreamConnectionTermination = 32,

    /// <summary><c>UPE</c>: the upstream's answer was not HTTP (502).</summary>
    UpstreamProtocolError = 64,

    /// <summary><c>DPE</c>: the client's request was not HTTP (400).</summary>
    DownstreamProtocolError = 128,

    /// <summary><c>SI</c>: the client or the upstream stopped for too long.</summary>
    StreamIdleTimeout = 256,

    /// <summary><c>FE</c>: a filter failed (500).</summary>
    FilterError = 512,

    /// <summary><c>EL</c>: the body was larger than what may be collected (413, 502).</summary>
    EntityTooLarge = 1024,

    /// <summary><c>LR</c>: cut off by the proxy itself, which stops.</summary>
    LocalReset = 2048,

    /// <summary><c>UO</c>: the host had as many connections as it may have, and none became free in time (503).</summary>
    UpstreamOverflow = 4096,

    /// <summary><c>MR</c>: the client sent less than the least rate for too long (408).</summary>
    MinimumRate = 8192,

    /// <summary><c>OM</c>: the proxy is overloaded, and refuses what it could not answer in time (503).</summary>
    Overloaded = 16384,

    /// <summary><c>RL</c>: a filter refused it, as it was one request too many (429).</summary>
    RateLimited = 32768,

    /// <summary><c>RLSE</c>: a service that counts for many proxies gave no answer, and the request was refused for it.</summary>
    RateLimitServiceError = 65536,
}
