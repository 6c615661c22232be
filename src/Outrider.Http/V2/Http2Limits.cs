using Outrider.Http.Rules;
using Outrider.Http.V2.Framing;

namespace Outrider.Http.V2;

/// <summary>What a client may ask of an HTTP/2 connection beyond <see cref="HttpLimits"/>. Immutable; one object for all connections of a listener.</summary>
public sealed record Http2Limits
{
    /// <summary>The least window, which is what RFC 9113 §6.9.2 begins with.</summary>
    public const int LeastWindow = 65_535;

    /// <summary>Requests of a connection that may be under way at once, 1 to 2^31−1. Default 128. One more is refused (REFUSED_STREAM).</summary>
    public int MaxConcurrentStreams { get; init; } = 128;

    /// <summary>Bytes of a request's body that a client may send before the other side has taken any, 65,535 to 2^31−1. Default 256 KiB.</summary>
    public int StreamWindow { get; init; } = 256 * 1024;

    /// <summary>The same for all streams of a connection together, 65,535 to 2^31−1. Default 32 MiB: what 128 streams can hold that nobody takes.</summary>
    public int ConnectionWindow { get; init; } = 32 * 1024 * 1024;

    /// <summary>The longest frame that is taken, in bytes of payload, 16,384 to 16,777,215. Default 16,384.</summary>
    public int MaxFrameSize { get; init; } = FrameHeader.DefaultMaxLength;

    /// <summary>The largest head, each field counted as its name, its value and 32 bytes (RFC 9113 §6.5.2). Default 64 KiB. More is answered with 431.</summary>
    public int MaxHeaderList { get; init; } = 64 * 1024;

    /// <summary>Milliseconds of silence from a client after which it is asked whether it is there (PING); 0, the default, never asks.</summary>
    public int KeepaliveInterval { get; init; }

    /// <summary>Milliseconds that it has for the answer before the connection is closed. Default 20 s.</summary>
    public int KeepaliveTimeout { get; init; } = 20_000;

    /// <summary>Is HTTP/2 all that the listener speaks, so that no connection begins with HTTP/1?</summary>
    public bool IsOnly { get; init; }
}
