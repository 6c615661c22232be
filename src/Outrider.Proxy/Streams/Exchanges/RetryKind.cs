namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>How a request that failed is sent again.</summary>
internal enum RetryKind : byte
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>To the same host, in another version of HTTP.</summary>
    OtherVersion,

    /// <summary>To the same host, on a connection that has not rested.</summary>
    FreshConnection,

    /// <summary>To another host.</summary>
    OtherHost,
}
