using Outrider.Telemetry;

namespace Outrider.Proxy.Telemetry;

/// <summary>One loop's share of a listener's counters. The loop alone writes; any thread may read.</summary>
internal sealed class ListenerLoopStats : PaddedCounters
{
    // The statuses that MOSN counts one by one.
    private static readonly int[] s_statuses = [200, 206, 302, 304, 400, 403, 404, 416, 499, 500, 502, 503, 504];

    private readonly long[] _byStatus = new long[s_statuses.Length];

    /// <summary>Connections that were accepted.</summary>
    public long ConnectionsAccepted;

    /// <summary>Connections that are open.</summary>
    public long ConnectionsActive;

    /// <summary>Connections that were closed.</summary>
    public long ConnectionsClosed;

    /// <summary>Requests that began.</summary>
    public long RequestsTotal;

    /// <summary>Requests that have not ended.</summary>
    public long RequestsActive;

    /// <summary>Requests that ended before their response did.</summary>
    public long RequestsReset;

    /// <summary>Requests that the proxy could not serve: no host, a failed filter, a timeout.</summary>
    public long RequestsFailed;

    /// <summary>Responses with a status of 100 to 199.</summary>
    public long Responses1xx => Responses.Informational;

    /// <summary>Responses with a status of 200 to 299.</summary>
    public long Responses2xx => Responses.Successful;

    /// <summary>Responses with a status of 300 to 399.</summary>
    public long Responses3xx => Responses.Redirected;

    /// <summary>Responses with a status of 400 to 499.</summary>
    public long Responses4xx => Responses.ClientErrors;

    /// <summary>Responses with a status of 500 and above.</summary>
    public long Responses5xx => Responses.ServerErrors;

    /// <summary>Responses with a status that has no number of its own among <see cref="Statuses"/>.</summary>
    public long ResponsesOther;

    /// <summary>TLS handshakes that clients completed.</summary>
    public long TlsHandshakes => Handshakes.Completed;

    /// <summary>Those of them that took up an earlier session.</summary>
    public long TlsResumptions => Handshakes.Resumed;

    /// <summary>TLS handshakes that clients did not complete.</summary>
    public long TlsFailures => Handshakes.Failed;

    /// <summary>TLS connections that clients closed without a byte of a handshake: probes.</summary>
    public long TlsUnused => Handshakes.Unused;

    /// <summary>TCP sessions that began.</summary>
    public long TcpSessionsTotal;

    /// <summary>TCP sessions that have not ended.</summary>
    public long TcpSessionsActive;

    /// <summary>TCP sessions that ended without a host: no route, no host, or none that could be connected to.</summary>
    public long TcpSessionsFailed;

    /// <summary>Bytes of TCP sessions that went from one connection to the other without coming into the process.</summary>
    public long TcpBytesSpliced;

    /// <summary>Connections that were closed because no filter chain is for them.</summary>
    public long ConnectionsUnmatched;

    /// <summary>Connections that a listener filter closed, or that let it wait for too long.</summary>
    public long ConnectionsRejected;

    /// <summary>Requests whose head came more slowly than it may.</summary>
    public long SlowHeads;

    /// <summary>Requests whose body came more slowly than it may.</summary>
    public long SlowBodies;

    /// <summary>Bytes received.</summary>
    public long BytesIn;

    /// <summary>Bytes sent.</summary>
    public long BytesOut;

    /// <summary>Responses by the class of their status. A field, for it is written in place.</summary>
    public StatusClassCounts Responses;

    /// <summary>TLS handshakes of clients. A field, for it is written in place.</summary>
    public HandshakeCounts Handshakes;

#pragma warning disable CS0169 // Nobody reads it; it only takes up space (PaddedCounters says why it is here).
    private readonly CacheLinePad _after;
#pragma warning restore CS0169

    /// <summary>The statuses that MOSN counts one by one.</summary>
    public static ReadOnlySpan<int> Statuses => s_statuses;

    /// <summary>From the first byte of a request to the last of its response.</summary>
    public LatencyHistogram RequestDuration { get; } = new();

    /// <summary>What of that was not spent waiting for the upstream: MOSN's process time.</summary>
    public LatencyHistogram ProcessDuration { get; } = new();

    /// <summary>Responses with the status at that index of <see cref="Statuses"/>.</summary>
    public long ResponsesAt(int index) => _byStatus[index];

    /// <summary>Counts a response by its status; 0, for a stream that had none, counts nowhere. On the loop.</summary>
    public void CountResponse(int status)
    {
        if (status < 100)
        {
            return;
        }

        Responses.Count(status);
        int index = s_statuses.AsSpan().IndexOf(status);
        if (index >= 0)
        {
            _byStatus[index]++;
        }
        else
        {
            ResponsesOther++;
        }
    }

    /// <summary>Adds another loop's numbers to these, which nobody else writes.</summary>
    public void Add(ListenerLoopStats other)
    {
        ConnectionsAccepted += other.ConnectionsAccepted;
        ConnectionsActive += other.ConnectionsActive;
        ConnectionsClosed += other.ConnectionsClosed;
        RequestsTotal += other.RequestsTotal;
        RequestsActive += other.RequestsActive;
        RequestsReset += other.RequestsReset;
        RequestsFailed += other.RequestsFailed;
        Responses.Add(in other.Responses);
        ResponsesOther += other.ResponsesOther;
        Handshakes.Add(in other.Handshakes);
        TcpSessionsTotal += other.TcpSessionsTotal;
        TcpSessionsActive += other.TcpSessionsActive;
        TcpSessionsFailed += other.TcpSessionsFailed;
        TcpBytesSpliced += other.TcpBytesSpliced;
        ConnectionsUnmatched += other.ConnectionsUnmatched;
        ConnectionsRejected += other.ConnectionsRejected;
        SlowHeads += other.SlowHeads;
        SlowBodies += other.SlowBodies;
        BytesIn += other.BytesIn;
        BytesOut += other.BytesOut;
        for (int i = 0; i < _byStatus.Length; i++)
        {
            _byStatus[i] += other._byStatus[i];
        }

        RequestDuration.Merge(other.RequestDuration);
        ProcessDuration.Merge(other.ProcessDuration);
    }
}
