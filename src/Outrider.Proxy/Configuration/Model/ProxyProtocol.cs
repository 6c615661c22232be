namespace Outrider.Proxy.Configuration.Model;

/// <summary>What upstreams are spoken to in.</summary>
internal enum ProxyProtocol
{
    /// <summary>Either version of HTTP: TLS agrees on one, and without TLS it is the client's.</summary>
    Auto,

    /// <summary>HTTP/1.0 and HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2.</summary>
    Http2,
}
