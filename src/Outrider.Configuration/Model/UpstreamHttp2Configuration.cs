namespace Outrider.Configuration.Model;

/// <summary>What holds for connections to a cluster's hosts that carry many exchanges (<c>Http2</c>).</summary>
internal sealed record UpstreamHttp2Configuration
{
    /// <summary>Requests of a connection that may be under way at once, 1 to 2^31−1; the host may allow fewer. Default 100.</summary>
    public int MaxConcurrentStreams { get; init; } = 100;

    /// <summary>Bytes of a response's body that a host may send before the other side has taken any, 65,535 to 2^31−1. Default 256 KiB.</summary>
    public int StreamWindow { get; init; } = 256 * 1024;

    /// <summary>The same for all streams of a connection together, 65,535 to 2^31−1. Default 32 MiB.</summary>
    public int ConnectionWindow { get; init; } = 32 * 1024 * 1024;

    /// <summary>Milliseconds of silence after which a host is asked whether it is there; 0 never asks. Default 30 s.</summary>
    public int KeepaliveInterval { get; init; } = 30_000;

    /// <summary>Milliseconds that it has for the answer. Default 20 s.</summary>
    public int KeepaliveTimeout { get; init; } = 20_000;
}
