namespace Outrider.Proxy.Tcp;

/// <summary>Who hears of an upstream connection: a session. On the loop.</summary>
internal interface ITcpUpstreamOwner
{
    /// <summary>Bytes on their way to the host that wait in the kernel between both connections.</summary>
    int WaitingForHost { get; }

    /// <summary>The host is connected, and its TLS agreed on.</summary>
    void OnConnected();

    /// <summary>The host could not be connected to; nothing follows.</summary>
    void OnFailed(string reason, bool timedOut);

    /// <summary>Bytes from the host; all of them are to be taken.</summary>
    void OnReceived(ReadOnlySpan<byte> data);

    /// <summary>Bytes from the host have come that are to be moved on without being received.</summary>
    void OnReadable();

    /// <summary>The host has sent its last.</summary>
    void OnEndOfInput();

    /// <summary>The host takes no more for now.</summary>
    void OnBlocked();

    /// <summary>The host has taken all.</summary>
    void OnUnblocked();

    /// <summary>The connection, which had been there, is closed.</summary>
    /// <param name="error">0, or the errno of what ended it.</param>
    void OnClosed(int error);
}
