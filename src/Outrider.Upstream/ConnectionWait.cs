using Outrider.Http.Streams;
using Outrider.Upstream.Breakers;

namespace Outrider.Upstream;

/// <summary>
/// A waiter's place in one of a pool's queues, for one connection. The waiter's own, made when it first has to wait, and used again. On the loop.
/// </summary>
/// <param name="waiter">Whose it is.</param>
internal sealed class ConnectionWait(IConnectionWaiter waiter)
{
    private Permit _pending;

    internal UpstreamProtocol Protocol { get; private set; } = null!;

    /// <summary>Did the request come by HTTP/2?</summary>
    internal bool SpeaksHttp2 { get; private set; }

    /// <summary>When it has waited long enough for a connection to become free, in milliseconds of the loop's clock.</summary>
    internal long Until { get; set; }

    /// <summary>The queue that it stands in; null when it waits no more.</summary>
    internal WaitQueue? Queue { get; set; }

    internal ConnectionWait? Next { get; set; }

    internal ConnectionWait? Previous { get; set; }

    /// <summary>Why there will be no connection, where that is known from the start; null while there may be one.</summary>
    internal string? Refusal { get; set; }

    /// <summary>Waits for another connection, and for no other any more. Whoever calls it puts it into a queue.</summary>
    internal void Begin(UpstreamProtocol protocol, bool speaksHttp2)
    {
        Abandon();
        Protocol = protocol;
        SpeaksHttp2 = speaksHttp2;
        Refusal = null;
        Until = 0;
    }

    /// <summary>Counts it among the cluster's. False: as many wait as there may.</summary>
    internal bool TryCount(CircuitBreakers breakers) => breakers.TryPending(ref _pending);

    /// <summary>There is a connection.</summary>
    internal void Ready(IUpstreamConnection connection)
    {
        _pending.Return();
        waiter.OnConnectionReady(connection);
    }

    /// <summary>There is none.</summary>
    internal void Fail(string reason, ConnectionFailure failure)
    {
        _pending.Return();
        waiter.OnConnectionFailed(reason, failure);
    }

    /// <summary>The waiter no longer wants a connection; nothing where it waits for none. One that is on its way goes to the pool when it arrives.</summary>
    internal void Abandon()
    {
        _pending.Return();
        Queue?.Remove(this);
    }
}
