using Outrider.Http.Rules;

namespace Outrider.Http.Streams;

/// <summary>Why a stream ended before its time.</summary>
public enum ResetReason
{
    /// <summary>The peer closed or reset the connection.</summary>
    PeerClosed,

    /// <summary>What the peer sent is not HTTP.</summary>
    ProtocolError,

    /// <summary>The peer gave up this stream, and not the connection (HTTP/2).</summary>
    StreamReset,

    /// <summary>The peer stopped sending for longer than the limit.</summary>
    ReceiveTimeout,

    /// <summary>The peer took nothing of what was written for longer than the limit.</summary>
    SendTimeout,

    /// <summary>The proxy is shutting down and its patience is over.</summary>
    Shutdown,
}
