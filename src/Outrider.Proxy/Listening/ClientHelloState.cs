namespace Outrider.Proxy.Listening;

/// <summary>What the first bytes of a connection are.</summary>
internal enum ClientHelloState
{
    /// <summary>Perhaps a ClientHello: more is needed.</summary>
    Incomplete,

    /// <summary>A ClientHello, and whole.</summary>
    Complete,

    /// <summary>Not TLS.</summary>
    NotTls,

    /// <summary>TLS, but no ClientHello that can be read.</summary>
    Malformed,
}
