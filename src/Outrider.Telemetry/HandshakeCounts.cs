namespace Outrider.Telemetry;

/// <summary>TLS handshakes of clients. A part of a loop's counters: the loop alone writes, any thread may read.</summary>
internal struct HandshakeCounts
{
    /// <summary>Those that clients completed.</summary>
    public long Completed;

    /// <summary>Those of them that took up an earlier session.</summary>
    public long Resumed;

    /// <summary>Those that clients did not complete.</summary>
    public long Failed;

    /// <summary>Connections that clients closed without a byte of a handshake: probes.</summary>
    public long Unused;

    /// <summary>Adds another loop's numbers to these, which nobody else writes.</summary>
    public void Add(in HandshakeCounts other)
    {
        Completed += other.Completed;
        Resumed += other.Resumed;
        Failed += other.Failed;
        Unused += other.Unused;
    }
}
