namespace Outrider.Configuration.Model;

/// <summary>What clients that speak HTTP/2 may ask (<c>Http2</c> of <c>extend_config</c>).</summary>
internal sealed record Http2Configuration
{
    /// <summary>The least window, which is what RFC 9113 §6.9.2 begins with.</summary>
    public const int LeastWindow = 65_535;

    /// <summary>Requests of a connection that may be under way at once, 1 to 2^31−1. Default 128.</summary>
    public int MaxConcurrentStreams { get; init; } = 128;

    /// <summary>Bytes of a request's body that a client may send before the other side has taken any, 65,535 to 2^31−1. Default 256 KiB.</summary>
    public int StreamWindow { get; init; } = 256 * 1024;

    /// <summary>The same for all streams of a connection together, 65,535 to 2^31−1. Default 32 MiB.</summary>
    public int ConnectionWindow { get; init; } = 32 * 1024 * 1024;

    /// <summary>The longest frame that is taken, in bytes of payload, 16,384 (the default) to 16,777,215.</summary>
    public int MaxFrameSize { get; init; } = 16_384;

    /// <summary>The largest head, each field counted as its name, its value and 32 bytes (RFC 9113 §6.5.2), 1 KiB to 1 MiB. Default 64 KiB.</summary>
    public int MaxHeaderList { get; init; } = 64 * 1024;

    /// <summary>Milliseconds of silence after which a client is asked whether it is there; 0, the default, never asks.</summary>
    public int KeepaliveInterval { get; init; }

    /// <summary>Milliseconds that it has for the answer. Default 20 s.</summary>
    public int KeepaliveTimeout { get; init; } = 20_000;

    /// <summary>Is HTTP/2 all that the listener speaks?</summary>
    public bool IsOnly { get; init; }
}
