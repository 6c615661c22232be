namespace Outrider.Configuration.Model;

/// <summary>What clients of a listener may speak.</summary>
[Flags]
internal enum DownstreamProtocols
{
    /// <summary>Neither: a codec of an extension says what they speak.</summary>
    None = 0,

    /// <summary>HTTP/1.0 and HTTP/1.1.</summary>
    Http1 = 1,

    /// <summary>HTTP/2.</summary>
    Http2 = 2,

    /// <summary>Either: the bytes tell, or ALPN.</summary>
    Any = Http1 | Http2,
}
