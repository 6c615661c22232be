namespace Outrider.Http.Streams;

/// <summary>Who keeps client connections between exchanges: a pool. On the loop.</summary>
public interface IClientOwner
{
    /// <summary>The connection is established.</summary>
    void OnConnected(V1.Client.Http1ClientConnection connection);

    /// <summary>The exchange is over and the connection is good for another.</summary>
    void OnReusable(V1.Client.Http1ClientConnection connection);

    /// <summary>The connection is closed, or never came about.</summary>
    void OnClosed(V1.Client.Http1ClientConnection connection, int error);
}
