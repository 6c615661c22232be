namespace Outrider.Net.Tls;

/// <summary>Who waits for a <see cref="TlsHandshake"/>. On its loop.</summary>
internal interface ITlsHandshakeOwner
{
    /// <summary>The handshake's time is over, and it is not.</summary>
    void OnHandshakeTimeout();
}
