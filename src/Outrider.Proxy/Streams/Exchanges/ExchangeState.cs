namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>How far an exchange has come.</summary>
[Flags]
internal enum ExchangeState : ushort
{
    /// <summary>The request is to be sent.</summary>
    Started = 1,

    /// <summary>All of the request is here.</summary>
    RequestEnded = 2,

    /// <summary>With trailers.</summary>
    HasTrailers = 4,

    /// <summary>The upstream's head is the response's.</summary>
    ResponseBegun = 8,

    /// <summary>It was sent again because a connection had rested for too long.</summary>
    FreshRetried = 16,

    /// <summary>The upstream takes nothing for now.</summary>
    WriteBlocked = 32,

    /// <summary>The client has said its last in a tunnel.</summary>
    ClientEnded = 64,

    /// <summary>The upstream has.</summary>
    UpstreamEnded = 128,

    /// <summary>It was sent again in another version of HTTP.</summary>
    OtherVersionTried = 256,
}
