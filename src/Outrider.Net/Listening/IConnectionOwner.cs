using Outrider.Net.Transports;

namespace Outrider.Net.Listening;

/// <summary>Who accepted a connection: a listener's side on one loop. On the loop.</summary>
public interface IConnectionOwner
{
    /// <summary>The listener's name.</summary>
    string ListenerName { get; }

    /// <summary>The most that one read takes, in bytes.</summary>
    int ReadSize { get; }

    /// <summary>Is the listener on its way out, so that connections end as soon as they can?</summary>
    bool IsDraining { get; }

    /// <summary>A handler has begun with the connection.</summary>
    void OnConnectionOpened(Transport transport);

    /// <summary>The connection's TLS handshake is over.</summary>
    void OnSecured(Transport transport);

    /// <summary>TLS failed on the connection, in the handshake or later; it closes.</summary>
    void OnTlsFailed(Transport transport, string reason);

    /// <summary>A TLS connection closes without a byte of a handshake.</summary>
    void OnTlsUnused(Transport transport);

    /// <summary>The connection is closed. Once for each that was opened.</summary>
    void OnConnectionClosed(Transport transport);
}
