using Outrider.Http.Streams;
using Outrider.Upstream.Breakers;

namespace Outrider.Upstream;

/// <summary>One who waits for a connection, in one of his pool's queues. On the loop.</summary>
internal sealed class ConnectionWait
{
    private Permit _pending;

    internal ConnectionWait(IConnectionWaiter waiter, UpstreamProtocol protocol, bool speaksHttp2)
    {
        Waiter = waiter;
        Protocol = protocol;
        SpeaksHttp2 = speaksHttp2;
    }

    internal IConnectionWaiter Waiter { get; }

    internal UpstreamProtocol Protocol { get; }

    /// <summary>Did the request come by HTTP/2?</summary>
    internal bool SpeaksHttp2 { get; }

    /// <summary>When it has waited long enough for a connection to become free, in milliseconds of the loop's clock.</summary>
    internal long Until { get; set; }

    /// <summary>The queue that it stands in; null when it waits no more.</summary>
    internal WaitQueue? Queue { get; set; }

    internal ConnectionWait? Next { get; set; }

    internal ConnectionWait? Previous { get; set; }

    /// <summary>Why there will be no connection, where that is known from the start; null while there may be one.</summary>
    internal string? Refusal { get; set; }

    /// <summary>Counts it among the cluster's. False: as many wait as there may.</summary>
    internal bool TryCount(CircuitBreakers breakers) => breakers.TryPending(ref _pending);

    /// <summary>There is a connection.</summary>
    internal void Ready(IUpstreamConnection connection)
    {
        _pending.Return();
        Waiter.OnConnectionReady(connection);
    }

    /// <summary>There is none.</summary>
    internal void Fail(string reason, ConnectionFailure failure)
    {
        _pending.Return();
        Waiter.OnConnectionFailed(reason, failure);
    }

    /// <summary>The waiter no longer wants a connection. One that is on its way goes to the pool when it arrives.</summary>
    internal void Abandon()
    {
        _pending.Return();
        Queue?.Remove(this);
    }
}
