namespace Outrider.Http.V1.Server;

/// <summary>The part of a request that is being read.</summary>
internal enum RequestPhase : byte
{
    /// <summary>The head.</summary>
    Head,

    /// <summary>The body, with the trailers behind it.</summary>
    Body,

    /// <summary>Nothing: all of it is here.</summary>
    Complete,

    /// <summary>No request any more: bytes of whatever was switched to.</summary>
    Tunnel,

    /// <summary>Nothing: it was refused, broke off, or its client is gone.</summary>
    Failed,
}
