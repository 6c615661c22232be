using Outrider.Http.Streams;
using Outrider.Net.Transports;

namespace Outrider.Tests.Rpc;

/// <summary>A protocol that is not HTTP, spoken on both sides: many calls at once on a connection, answered in any order.</summary>
/// <param name="interval">Milliseconds of silence until a heartbeat, and from that until the connection closes.</param>
internal sealed class RpcCodec(int interval) : IServerCodec, IUpstreamCodec
{
    public string Name => "rpc";

    public string? ApplicationProtocol => null;

    public bool IsMultiplexed => true;

    public void Open(Transport transport, IServerHandler handler) => transport.Handler = new RpcServerConnection(transport, handler, interval);

    public IUpstreamConnection Open(Transport transport, IUpstreamConnectionOwner owner, UpstreamLimits limits)
    {
        var connection = new RpcClientConnection(transport, owner, limits, interval);
        transport.Handler = connection;
        transport.Arm(interval);
        return connection;
    }
}
