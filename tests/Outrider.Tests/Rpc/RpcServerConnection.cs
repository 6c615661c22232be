using Outrider.Http.Streams;
using Outrider.Net.Transports;

namespace Outrider.Tests.Rpc;

/// <summary>A client's connection.</summary>
internal sealed class RpcServerConnection(Transport transport, IServerHandler handler, int interval) : RpcConnection(transport, interval)
{
    public override object? Owner => handler;

    public override void OnConnected()
    {
        handler.OnConnectionOpened(Transport);
        base.OnConnected();
    }

    public override void OnClosed(int error)
    {
        base.OnClosed(error);
        handler.OnConnectionClosed(Transport);
    }

    private protected override bool OnFrame(RpcFrame frame)
    {
        if (frame.Kind is not (RpcFrame.Call or RpcFrame.OneWay) || Messages.ContainsKey(frame.Id))
        {
            return base.OnFrame(frame);
        }

        var call = new RpcServerStream(this, handler.RentStream(), frame);
        Messages.Add(frame.Id, call);
        call.Begin(frame);
        return true;
    }
}
