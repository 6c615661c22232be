using Outrider.Http.V1;

namespace Outrider.Proxy.Upstream;

/// <summary>Who asked a pool for a connection that was not there yet. On the loop.</summary>
internal interface IConnectionWaiter
{
    /// <summary>Here it is; it is the waiter's until the exchange ends.</summary>
    void OnConnectionReady(Http1ClientConnection connection);

    /// <summary>It could not be established, for that reason.</summary>
    void OnConnectionFailed(string reason, bool timedOut);
}
