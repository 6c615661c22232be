namespace Outrider.Http.Streams;

/// <summary>
/// What the connections of one loop have counted that carry many streams each (HTTP/2), those of clients or those to upstreams. The loop
/// alone writes; any thread may read, and sees each number whole but not all of the same moment.
/// </summary>
public sealed class MultiplexCounts
{
    // RFC 9113 §7, in order; what has no name there counts as the last.
    private static readonly string[] s_reasons =
    [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM",
        "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED", "OTHER",
    ];

    private readonly long[] _resetsSent = new long[s_reasons.Length];
    private readonly long[] _resetsReceived = new long[s_reasons.Length];

    /// <summary>The reasons that resets are counted by, as RFC 9113 §7 names them, and <c>OTHER</c>.</summary>
    public static IReadOnlyList<string> Reasons => s_reasons;

    /// <summary>Streams that began.</summary>
    public long Streams { get; private set; }

    /// <summary>GOAWAYs that were sent.</summary>
    public long GoAwaysSent { get; private set; }

    /// <summary>GOAWAYs that came.</summary>
    public long GoAwaysReceived { get; private set; }

    /// <summary>How often data had to wait because its stream's window was shut.</summary>
    public long StreamWindowsShut { get; private set; }

    /// <summary>How often data had to wait because its connection's window was shut.</summary>
    public long ConnectionWindowsShut { get; private set; }

    /// <summary>Streams that we reset, by the index of <see cref="Reasons"/>.</summary>
    public long ResetsSent(int reason) => _resetsSent[reason];

    /// <summary>Streams that peers reset, by the index of <see cref="Reasons"/>.</summary>
    public long ResetsReceived(int reason) => _resetsReceived[reason];

    /// <summary>Adds another loop's numbers to these, which nobody else writes.</summary>
    public void Add(MultiplexCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Streams += other.Streams;
        GoAwaysSent += other.GoAwaysSent;
        GoAwaysReceived += other.GoAwaysReceived;
        StreamWindowsShut += other.StreamWindowsShut;
        ConnectionWindowsShut += other.ConnectionWindowsShut;
        for (int reason = 0; reason < s_reasons.Length; reason++)
        {
            _resetsSent[reason] += other._resetsSent[reason];
            _resetsReceived[reason] += other._resetsReceived[reason];
        }
    }

    internal void OnStream() => Streams++;

    internal void OnGoAwaySent() => GoAwaysSent++;

    internal void OnGoAway() => GoAwaysReceived++;

    internal void OnResetSent(uint code) => _resetsSent[IndexOf(code)]++;

    internal void OnReset(uint code) => _resetsReceived[IndexOf(code)]++;

    internal void OnWindowShut(bool isConnections)
    {
        if (isConnections)
        {
            ConnectionWindowsShut++;
        }
        else
        {
            StreamWindowsShut++;
        }
    }

    private static int IndexOf(uint code) => (int)Math.Min(code, (uint)s_reasons.Length - 1);
}
