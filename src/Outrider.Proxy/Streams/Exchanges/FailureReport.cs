using Outrider.Filters;
using Outrider.Http.Streams;
using Outrider.Net.Sockets;
using Outrider.Proxy.Streams.Records;
using Outrider.Upstream;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>What an upstream's failure is for logs, and what the client is told of it. Lives, and is used again, with its exchange.</summary>
internal sealed class FailureReport(StreamRecord record, IExchangeOwner owner)
{
    /// <summary>Why the last attempt failed, for logs; null when none did.</summary>
    internal string? Reason { get; set; }

    /// <summary>The connection broke off, and there may be another try.</summary>
    internal void Note(UpstreamFailure failure) => Reason = failure.Protocol?.Message
        ?? (failure.Tls is { } tls ? "TLS: " + tls : failure.Error == 0 ? "upstream closed the connection" : SocketErrors.Describe(failure.Error));

    /// <summary>The upstream has taken too long.</summary>
    internal void OnTimeout(string reason, HostUse use)
    {
        use.CountTimeout(record.Services);
        Reason = reason;
        Log(use);
    }

    /// <summary>The upstream has taken too long, and there is no other try.</summary>
    /// <param name="told">What the client is told; null for the reason.</param>
    internal void FailTimeout(string? told = null) => owner.FailUpstream(504, ResponseFlags.UpstreamRequestTimeout, Reason!, told);

    /// <summary>The upstream has answered an upgrade of an HTTP/2 client as if it were none.</summary>
    internal void FailUpgrade() => owner.FailUpstream(502, ResponseFlags.UpstreamProtocolError, Reason = "the upstream answered an upgrade as if it were none");

    /// <summary>There is no connection to the host, and no other try.</summary>
    internal void FailConnect(ConnectionFailure failure, HostUse use)
    {
        switch (failure)
        {
            case ConnectionFailure.CircuitBreaker:
                use.CountsOn(record.Loop).Refused();
                owner.FailUpstream(503, ResponseFlags.UpstreamOverflow, $"circuit breaker of cluster {use.Cluster!.Name}: {Reason}", "circuit breaker: " + Reason);
                break;
            case ConnectionFailure.Overflow:
                owner.FailUpstream(503, ResponseFlags.UpstreamOverflow, Reason!, "no upstream connection became free");
                break;
            case ConnectionFailure.TimedOut:
                owner.FailUpstream(504, ResponseFlags.UpstreamConnectionFailure | ResponseFlags.UpstreamRequestTimeout, Reason!);
                break;
            default:
                owner.FailUpstream(502, ResponseFlags.UpstreamConnectionFailure, "connect failed");
                break;
        }
    }

    /// <summary>The connection broke off, and there is no other try.</summary>
    internal void FailReset(UpstreamFailure failure, HostUse use)
    {
        Log(use);
        // OpenSSL's words tell of certificates and of versions, which are for the log.
        owner.FailUpstream(
            502,
            failure.Reason == ResetReason.ProtocolError ? ResponseFlags.UpstreamProtocolError : ResponseFlags.UpstreamConnectionTermination,
            Reason!,
            failure.Protocol is null && failure.Tls is not null ? "upstream TLS failed" : null);
    }

    /// <summary>A line of the error log.</summary>
    internal void Log(HostUse use)
    {
        if (record.Services.IsLogged(StreamLogLevel.Warn))
        {
            record.Services.LogOf(record.Id, StreamLogLevel.Warn, $"upstream {use.Host}: {Reason}");
        }
    }
}
