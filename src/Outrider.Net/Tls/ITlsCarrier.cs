using Outrider.Net.Loops;
using Outrider.Net.Sockets;

namespace Outrider.Net.Tls;

/// <summary>What a <see cref="TlsLayer"/> asks and does of the connection below and above it. On the connection's loop.</summary>
internal interface ITlsCarrier : ICiphertextSink
{
    EventLoop Loop { get; }

    bool IsClosed { get; }

    /// <summary>Who gets the plaintext, and is told of the handshake.</summary>
    TransportHandler Handler { get; }

    /// <summary>Does whoever reads want plaintext now?</summary>
    bool WantsDecrypted { get; }

    void PauseReading();

    void ResumeReading();

    void Close();

    void CloseWhenWritten(bool drain);

    /// <summary>The peer turned out not to speak TLS: from here on as if there had never been any.</summary>
    void GoOnInPlainText();

    /// <summary>Is what was left to be kept? Not when the connection ends.</summary>
    /// <exception cref="InvalidOperationException">It was left without a pause.</exception>
    bool KeepsUnread(int count);

    /// <summary>The peer has sent its last, by <c>close_notify</c> or without.</summary>
    void EndOfDecrypted();

    /// <summary>Ends the connection. After a handshake that failed the peer gets the alert that says why.</summary>
    void TlsFailed(string reason, bool inHandshake);
}
