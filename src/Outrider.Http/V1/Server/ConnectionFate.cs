namespace Outrider.Http.V1.Server;

/// <summary>What becomes of a connection of HTTP/1 when a request and its response have ended on it.</summary>
internal enum ConnectionFate : byte
{
    /// <summary>It waits for the next request.</summary>
    Rests,

    /// <summary>It closes once the response is written: it was the last one.</summary>
    Closes,

    /// <summary>As <see cref="Closes"/>, while the client still sends: what it sends is read for a while, or it might lose the response (RFC 9112 §9.6).</summary>
    Drains,

    /// <summary>It closes once what there is of the response is written: a connection that ends early is what shows that something is missing.</summary>
    ShowsCut,

    /// <summary>It is reset: without it the client would take what there is of the response for all of it.</summary>
    Resets,

    /// <summary>It closes at once: there is nothing to write.</summary>
    Drops,
}
