using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Net.Transports;

namespace Outrider.Tests.Rpc;

/// <summary>A connection to an upstream. Heartbeats go on while nothing is under way: the other end decides how long that is good.</summary>
internal sealed class RpcClientConnection(Transport transport, IUpstreamConnectionOwner owner, UpstreamLimits limits, int interval) : RpcConnection(transport, interval), IUpstreamConnection
{
    public string Protocol => "rpc";

    public int FreeSlots => IsDraining || Transport.IsClosed || Transport.IsClosing ? 0 : Math.Max(0, limits.MaxConcurrentExchanges - Messages.Count);

    public int ActiveExchanges => Messages.Count;

    public int ExchangeCount { get; private set; }

    public IExchange Attach(IResponseReceiver receiver, RequestHead request, bool endStream)
    {
        var exchange = new RpcExchange(this, receiver, (uint)++ExchangeCount, request);
        Messages.Add((uint)ExchangeCount, exchange);
        exchange.SendData(default, endStream);
        return exchange;
    }

    public void Rest(int idleTimeout)
    {
    }

    public void Drain() => OnDrain();

    public override void OnClosed(int error)
    {
        owner.OnClosed(error, "");
        base.OnClosed(error);
    }

    internal override void Forget(uint id)
    {
        base.Forget(id);
        if (!IsDraining && !Transport.IsClosed)
        {
            owner.OnFreeSlots();
        }
    }

    // An answer that nobody waits for any more is passed over.
    private protected override bool OnFrame(RpcFrame frame) => frame.Kind is RpcFrame.Answer or RpcFrame.Failed
        ? !Messages.TryGetValue(frame.Id, out var exchange) || ((RpcExchange)exchange).OnAnswer(frame)
        : base.OnFrame(frame);
}
