using Outrider.Http.Streams;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Client;

/// <summary>HTTP/2 to upstreams (RFC 9113): many exchanges at once on a connection. Without TLS by prior knowledge (§3.3).</summary>
public sealed class Http2UpstreamCodec : IUpstreamCodec
{
    /// <summary>The name in the configuration.</summary>
    public const string CodecName = "Http2";

    /// <summary>The one object that there need be.</summary>
    public static Http2UpstreamCodec Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => CodecName;

    /// <inheritdoc/>
    public string? ApplicationProtocol => "h2";

    /// <inheritdoc/>
    public bool IsMultiplexed => true;

    /// <inheritdoc/>
    public IUpstreamConnection Open(Transport transport, IUpstreamConnectionOwner owner, UpstreamLimits limits) => new Http2ClientConnection(transport, owner, limits);
}
