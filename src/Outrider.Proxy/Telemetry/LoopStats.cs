using Outrider.Http.Streams;
using Outrider.Telemetry;
using Outrider.Upstream;

namespace Outrider.Proxy.Telemetry;

/// <summary>
/// What one loop has counted, of all of its connections and streams. The loop alone writes, with plain additions; any thread may read,
/// and sees each number whole but not all of the same moment.
/// </summary>
/// <param name="pendingConnects">The process's connections to hosts that are being made.</param>
internal sealed class LoopStats(PendingConnects pendingConnects) : UpstreamLoopStats(pendingConnects)
{
    /// <summary>Client connections that were accepted.</summary>
    public long ConnectionsAccepted;

    /// <summary>Client connections that are open.</summary>
    public long ConnectionsActive;

    /// <summary>Client connections that were closed, for whatever reason.</summary>
    public long ConnectionsClosed;

    /// <summary>Client connections that were closed because nothing came for too long.</summary>
    public long ConnectionsIdleClosed;

    /// <summary>Streams that began.</summary>
    public long StreamsTotal;

    /// <summary>Streams that have not ended.</summary>
    public long StreamsActive;

    /// <summary>Streams that ended with a status of 100 to 199 (an upgrade).</summary>
    public long Responses1xx => Responses.Informational;

    /// <summary>Streams that ended with a status of 200 to 299.</summary>
    public long Responses2xx => Responses.Successful;

    /// <summary>Streams that ended with a status of 300 to 399.</summary>
    public long Responses3xx => Responses.Redirected;

    /// <summary>Streams that ended with a status of 400 to 499.</summary>
    public long Responses4xx => Responses.ClientErrors;

    /// <summary>Streams that ended with a status of 500 and above.</summary>
    public long Responses5xx => Responses.ServerErrors;

    /// <summary>Tries after the first one.</summary>
    public long Retries;

    /// <summary>Streams that ended before their response did.</summary>
    public long Resets;

    /// <summary>Requests that were not HTTP.</summary>
    public long ProtocolErrors;

    /// <summary>Filters that failed.</summary>
    public long FilterErrors;

    /// <summary>TLS handshakes that clients completed.</summary>
    public long TlsHandshakes => Handshakes.Completed;

    /// <summary>Those of them that took up an earlier session.</summary>
    public long TlsResumptions => Handshakes.Resumed;

    /// <summary>TLS handshakes that clients did not complete.</summary>
    public long TlsFailures => Handshakes.Failed;

    /// <summary>TLS connections that clients closed without a byte of a handshake: probes.</summary>
    public long TlsUnused => Handshakes.Unused;

    /// <summary>Bytes received from clients.</summary>
    public long BytesIn;

    /// <summary>Bytes sent to clients.</summary>
    public long BytesOut;

    /// <summary>Requests whose upstream took too long.</summary>
    public long UpstreamTimeouts;

    /// <summary>Responses by the class of their status. A field, for it is written in place.</summary>
    public StatusClassCounts Responses;

    /// <summary>TLS handshakes of clients. A field, for it is written in place.</summary>
    public HandshakeCounts Handshakes;

#pragma warning disable CS0169 // Nobody reads it; it only takes up space (PaddedCounters says why it is here).
    private readonly CacheLinePad _after;
#pragma warning restore CS0169

    /// <summary>From the first byte of a request to the last of its response.</summary>
    public LatencyHistogram RequestDuration { get; } = new();

    /// <summary>Of clients' connections that speak HTTP/2.</summary>
    public MultiplexCounts Http2Downstream { get; } = new();

    /// <summary>Counts the end of a stream by its status; 0, for one that had no response, counts nowhere. On the loop.</summary>
    public void CountResponse(int status)
    {
        Responses.Count(status);
    }

    /// <summary>Adds another loop's numbers to these, which nobody else writes.</summary>
    public void Add(LoopStats other)
    {
        ConnectionsAccepted += other.ConnectionsAccepted;
        ConnectionsActive += other.ConnectionsActive;
        ConnectionsClosed += other.ConnectionsClosed;
        ConnectionsIdleClosed += other.ConnectionsIdleClosed;
        StreamsTotal += other.StreamsTotal;
        StreamsActive += other.StreamsActive;
        Responses.Add(in other.Responses);
        Retries += other.Retries;
        Resets += other.Resets;
        ProtocolErrors += other.ProtocolErrors;
        FilterErrors += other.FilterErrors;
        Handshakes.Add(in other.Handshakes);
        BytesIn += other.BytesIn;
        BytesOut += other.BytesOut;
        UpstreamTimeouts += other.UpstreamTimeouts;
        AddUpstream(other);
        Http2Downstream.Add(other.Http2Downstream);
        RequestDuration.Merge(other.RequestDuration);
    }
}
