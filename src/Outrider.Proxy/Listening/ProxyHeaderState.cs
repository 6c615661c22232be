namespace Outrider.Proxy.Listening;

/// <summary>What the first bytes of a connection are to the PROXY protocol.</summary>
internal enum ProxyHeaderState
{
    /// <summary>Perhaps a header: more is needed.</summary>
    Incomplete,

    /// <summary>A whole header.</summary>
    Complete,

    /// <summary>No header.</summary>
    None,

    /// <summary>The beginning of a header, and then something else.</summary>
    Malformed,
}
