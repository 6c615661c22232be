namespace Outrider.Proxy.Configuration.Model;

/// <summary>The protocol of one side of the proxy.</summary>
internal enum ProxyProtocol
{
    /// <summary>Whatever the bytes turn out to be.</summary>
    Auto,

    /// <summary>HTTP/1.0 and HTTP/1.1.</summary>
    Http1,
}
