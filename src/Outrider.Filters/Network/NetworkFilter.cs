namespace Outrider.Filters;

/// <summary>
/// Sees the bytes of a connection both ways, between the client and what takes its connections (<c>proxy</c>, <c>tcp_proxy</c>, …); where the chain
/// speaks TLS with the client, they are the plain ones. One object serves one connection. Its methods run on the connection's loop, one at a time for each
/// direction; what they await brings them back there, and holds up this connection alone.
/// </summary>
public abstract class NetworkFilter
{
    private NetworkConnection? _connection;

    /// <summary>The connection. What it says of the client stays good until <see cref="OnClosed"/> has returned.</summary>
    /// <exception cref="InvalidOperationException">The connection is over, or has not begun.</exception>
    protected NetworkConnection Connection => _connection ?? throw new InvalidOperationException("the connection is over, or has not begun");

    /// <summary>
    /// The connection is there; of TLS, after the handshake. <see cref="NetworkAction.Continue"/> lets it in. With
    /// <see cref="NetworkAction.Wait"/> it is let in by the first bytes that this filter lets through: nothing is connected to before. Default: let it in.
    /// </summary>
    public virtual ValueTask<NetworkAction> OnConnectedAsync() => new(NetworkAction.Continue);

    /// <summary>Bytes of the client have come. Default: let them through.</summary>
    /// <param name="data">The bytes, those that an earlier <see cref="NetworkAction.Wait"/> kept among them. Good until the returned task is done.</param>
    /// <param name="isLast">The client will send no more. Sometimes with nothing left in <paramref name="data"/>.</param>
    public virtual ValueTask<NetworkAction> OnReceivedAsync(NetworkData data, bool isLast) => new(NetworkAction.Continue);

    /// <summary>Bytes are about to be sent to the client. Default: let them through.</summary>
    /// <param name="data">As for <see cref="OnReceivedAsync"/>.</param>
    /// <param name="isLast">Nothing will follow.</param>
    public virtual ValueTask<NetworkAction> OnSendingAsync(NetworkData data, bool isLast) => new(NetworkAction.Continue);

    /// <summary>The connection is closed, whoever closed it. Once. A call that has not ended by then is not waited for.</summary>
    public virtual void OnClosed()
    {
    }

    internal void Begin(NetworkConnection connection) => _connection = connection;

    internal void End() => _connection = null;
}
