using Outrider.Http.Rules;

namespace Outrider.Http.Streams;

/// <summary>What upstreams may ask of memory and patience, and what is asked of them. Immutable; one object for all connections of a cluster.</summary>
public sealed record UpstreamLimits
{
    /// <summary>What holds for each message.</summary>
    public HttpLimits Message { get; init; } = new();

    /// <summary>Exchanges that one multiplexed connection carries at once, if the peer allows as many. Default 100.</summary>
    public int MaxConcurrentExchanges { get; init; } = 100;

    /// <summary>Bytes of a response's body that may come before the other side has taken any, 65,535 to 2^31−1. Default 256 KiB.</summary>
    public int ExchangeWindow { get; init; } = 256 * 1024;

    /// <summary>The same for all exchanges of a connection together, 65,535 to 2^31−1. Default 32 MiB: more than 100 exchanges can hold that nobody takes.</summary>
    public int ConnectionWindow { get; init; } = 32 * 1024 * 1024;

    /// <summary>Milliseconds after which a peer that has not begun to speak HTTP/2 is given up. Default 5 s.</summary>
    public int SettingsTimeout { get; init; } = 5000;

    /// <summary>Milliseconds of silence, while exchanges are under way, after which the peer is asked whether it is there; 0 never asks. Default 30 s.</summary>
    public int KeepaliveInterval { get; init; } = 30_000;

    /// <summary>Milliseconds that it has for the answer before the connection is closed. Default 20 s.</summary>
    public int KeepaliveTimeout { get; init; } = 20_000;
}
