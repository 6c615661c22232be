namespace Outrider.Http.V2.Client;

/// <summary>Who made a client connection; told on the loop.</summary>
public interface IHttp2ClientOwner
{
    /// <summary>The connection is there and takes streams.</summary>
    void OnConnected(Http2ClientConnection connection);

    /// <summary>A stream has ended, or the peer allows more of them.</summary>
    void OnRoom(Http2ClientConnection connection);

    /// <summary>The peer takes no more streams on this connection; those that run may end. Another one is needed for the next.</summary>
    void OnGoAway(Http2ClientConnection connection);

    /// <summary>
    /// The connection has ended; its streams are told after this. Once, whoever closed it.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="error">0, or the errno of what ended it.</param>
    /// <param name="reason">What the peer did wrong or said in parting; empty when it just ended.</param>
    void OnClosed(Http2ClientConnection connection, int error, string reason);
}
