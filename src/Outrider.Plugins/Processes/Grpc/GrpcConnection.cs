using System.Net;
using Outrider.Http.Streams;
using Outrider.Http.V2.Client;

namespace Outrider.Plugins.Processes.Grpc;

/// <summary>A client's connection, from when it is asked for to its end. On the client's loop.</summary>
internal sealed class GrpcConnection : IUpstreamConnectingOwner
{
    private readonly GrpcClient _client;
    private readonly UpstreamConnecting _connecting;

    internal GrpcConnection(GrpcClient client, EndPoint endPoint, UpstreamLimits limits, int connectMilliseconds)
    {
        _client = client;
        _connecting = new UpstreamConnecting(client.Loop, endPoint, Http2UpstreamCodec.Instance, this, limits, connectMilliseconds);
    }

    /// <summary>The connection; null while it is on its way.</summary>
    internal IUpstreamConnection? Established { get; private set; }

    /// <summary>May another call begin now?</summary>
    internal bool HasRoom => Established is { FreeSlots: > 0 };

    internal void Close() => _connecting.Transport.Close();

    public void OnConnected(IUpstreamConnection connection)
    {
        Established = connection;
        _client.OnRoom();
    }

    public void OnFreeSlots() => _client.OnRoom();

    public void OnDraining() => _client.OnGoAway(this);

    public void OnClosed(int error, string reason) => _client.OnClosed(this, error, reason);
}
