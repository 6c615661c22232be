using Outrider.Http.Streams;
using Outrider.Net.Transports;

namespace Outrider.Tests.Rpc;

/// <summary>The protocol as an extension brings it: in an assembly that is loaded.</summary>
[Codec("test-rpc")]
public sealed class LoadedCodec : IServerCodec, IUpstreamCodec
{
    private readonly RpcCodec _codec = new(10_000);

    /// <inheritdoc/>
    public string Name => "test-rpc";

    /// <inheritdoc/>
    public string? ApplicationProtocol => null;

    /// <inheritdoc/>
    public bool IsMultiplexed => true;

    /// <inheritdoc/>
    public void Open(Transport transport, IServerHandler handler) => _codec.Open(transport, handler);

    /// <inheritdoc/>
    public IUpstreamConnection Open(Transport transport, IUpstreamConnectionOwner owner, UpstreamLimits limits) => _codec.Open(transport, owner, limits);
}
