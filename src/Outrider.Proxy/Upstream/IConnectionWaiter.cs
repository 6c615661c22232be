using Outrider.Http.V1.Client;

namespace Outrider.Proxy.Upstream;

/// <summary>Who asked a pool for a connection that was not there yet. On the loop.</summary>
internal interface IConnectionWaiter
{
    /// <summary>Here it is; it is the waiter's until the exchange ends.</summary>
    void OnConnectionReady(Http1ClientConnection connection);

    /// <summary>The first address of the host did not answer; another connection, to the host's other address, is on its way in the place of the one that <see cref="ConnectionPool.Acquire"/> gave.</summary>
    void OnConnectionReplaced(Http1ClientConnection opening);

    /// <summary>It could not be established, for that reason.</summary>
    void OnConnectionFailed(string reason, bool timedOut);
}
