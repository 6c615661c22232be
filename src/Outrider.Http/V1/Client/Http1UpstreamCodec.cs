using Outrider.Http.Streams;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Client;

/// <summary>HTTP/1.1 to upstreams: one exchange after the other on a connection.</summary>
public sealed class Http1UpstreamCodec : IUpstreamCodec
{
    /// <summary>The name in the configuration.</summary>
    public const string CodecName = "Http1";

    /// <summary>The one object that there need be.</summary>
    public static Http1UpstreamCodec Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => CodecName;

    /// <inheritdoc/>
    public string? ApplicationProtocol => "http/1.1";

    /// <inheritdoc/>
    public bool IsMultiplexed => false;

    /// <inheritdoc/>
    public IUpstreamConnection Open(Transport transport, IUpstreamConnectionOwner owner, UpstreamLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return new Http1ClientConnection(transport, owner, limits.Message);
    }
}
