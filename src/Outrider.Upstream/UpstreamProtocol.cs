using System.Net.Security;
using Outrider.Http.Streams;
using Outrider.Http.V1.Client;
using Outrider.Http.V2.Client;

namespace Outrider.Upstream;

/// <summary>
/// What upstreams are spoken to in (<c>upstream_protocol</c>): one protocol, or either version of HTTP, of which TLS chooses (ALPN), and
/// the client where there is no TLS. Immutable, shared by all loops.
/// </summary>
internal sealed class UpstreamProtocol
{
    private readonly IUpstreamCodec _first;
    private readonly IUpstreamCodec? _second;

    /// <summary>One protocol for all.</summary>
    internal UpstreamProtocol(IUpstreamCodec codec)
    {
        _first = codec;
        Offered = codec.ApplicationProtocol is { } name ? [new SslApplicationProtocol(name)] : null;
        Key = codec.Name;
    }

    /// <summary>One of two.</summary>
    /// <param name="http1">What is spoken where nothing is agreed on, and with clients that speak HTTP/1.</param>
    /// <param name="http2">What is spoken with clients that speak HTTP/2, and where TLS agrees on it.</param>
    internal UpstreamProtocol(IUpstreamCodec http1, IUpstreamCodec http2)
    {
        _first = http1;
        _second = http2;
        Offered = [new SslApplicationProtocol(http2.ApplicationProtocol!), new SslApplicationProtocol(http1.ApplicationProtocol!)];
        Key = "Auto";
    }

    /// <summary>HTTP/1.1 alone.</summary>
    internal static UpstreamProtocol Http1 { get; } = new(Http1UpstreamCodec.Instance);

    /// <summary>HTTP/2 alone.</summary>
    internal static UpstreamProtocol Http2 { get; } = new(Http2UpstreamCodec.Instance);

    /// <summary>Either.</summary>
    internal static UpstreamProtocol Auto { get; } = new(Http1UpstreamCodec.Instance, Http2UpstreamCodec.Instance);

    /// <summary>Tells this choice from others.</summary>
    internal string Key { get; }

    /// <summary>What is offered in TLS, the best first; null for nothing.</summary>
    internal List<SslApplicationProtocol>? Offered { get; }

    /// <summary>Does TLS choose?</summary>
    internal bool IsNegotiated => _second is not null;

    /// <summary>What is spoken without TLS.</summary>
    /// <param name="speaksHttp2">Did the request come by HTTP/2?</param>
    internal IUpstreamCodec InPlainText(bool speaksHttp2) => speaksHttp2 && _second is not null ? _second : _first;

    /// <summary>What is spoken after a TLS handshake.</summary>
    /// <param name="agreed">What ALPN has agreed on; null for nothing.</param>
    internal IUpstreamCodec Secured(string? agreed) => _second is not null && agreed == _second.ApplicationProtocol ? _second : _first;

    /// <summary>Is that one of those that may be spoken?</summary>
    internal bool Speaks(IUpstreamCodec codec) => codec == _first || codec == _second;
}
