namespace Outrider.Http.Rules;

/// <summary>What a peer may ask of memory and patience. Immutable; one object for all connections of a listener or cluster.</summary>
public sealed record HttpLimits
{
    /// <summary>Longest request or status line, in bytes. Default 8 KiB; more is answered with 414.</summary>
    public int MaxStartLine { get; init; } = 8 * 1024;

    /// <summary>Largest head (and, separately, largest trailers), in bytes. Default 64 KiB; more is answered with 431.</summary>
    public int MaxHeaderBytes { get; init; } = 64 * 1024;

    /// <summary>Most fields in a head or in trailers. Default 128; more is answered with 431.</summary>
    public int MaxHeaderCount { get; init; } = 128;

    /// <summary>Largest body of a request, in bytes; 0 (the default) is any. More is answered with 413.</summary>
    public long MaxRequestBody { get; init; }

    /// <summary>Longest time from the first byte of a head to its last, in milliseconds. Default 10 s; then 408.</summary>
    public int HeaderTimeout { get; init; } = 10_000;

    /// <summary>Longest silence while a body is awaited, in milliseconds. Default 60 s; then 408.</summary>
    public int BodyTimeout { get; init; } = 60_000;

    /// <summary>Bytes per second that a head has to come at, less than which is suffered for <see cref="MinRateGrace"/>; 0: at any pace. Default 240; then 408.</summary>
    public int MinHeaderRate { get; init; } = 240;

    /// <summary>The same for bodies of requests, but those of gRPC, whose streams may have little to say. 0, the default: at any pace. Then 408.</summary>
    public int MinBodyRate { get; init; }

    /// <summary>How long a client may send less than those, in milliseconds of waiting for it. Default 5 s.</summary>
    public int MinRateGrace { get; init; } = 5000;

    /// <summary>Longest time in which the peer takes nothing of what is written, in milliseconds. Default 60 s; then the connection is closed.</summary>
    public int SendTimeout { get; init; } = 60_000;

    /// <summary>How long a connection may rest between requests, in milliseconds. Default 90 s, MOSN's.</summary>
    public int IdleTimeout { get; init; } = 90_000;

    /// <summary>
    /// May targets have only what RFC 3986 allows? Default false: what browsers send raw (<c>[ ] { } | \ ^ ` " &lt; &gt;</c>, lone percent
    /// signs, bytes above 127) passes as it stands. Controls, blanks and <c>#</c> never do.
    /// </summary>
    public bool StrictTarget { get; init; }

    /// <summary>What becomes of request fields with an underscore in their name, but for those that are always refused. Default: they pass.</summary>
    public UnderscoreRule Underscores { get; init; }
}
