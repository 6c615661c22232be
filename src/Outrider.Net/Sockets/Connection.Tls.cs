using System.Net;
using System.Net.Security;
using Outrider.Net.Interop;

namespace Outrider.Net;

/// <content>TLS below the codec, which sees plaintext and notices nothing.</content>
public abstract partial class Connection
{
    private TlsLayer? _tls;

    /// <summary>What TLS has agreed on; null for plain text, and until the handshake is over.</summary>
    public TlsInfo? Tls => _tls?.Info;

    /// <summary>Why TLS failed, in words; null when it did not.</summary>
    public string? TlsFailure => _tls?.Failure;

    /// <summary>Did TLS input end without the peer saying so? Then what ends with the input may be cut off (RFC 9112 §9.8).</summary>
    protected bool IsInputTruncated => _tls is { IsTruncated: true };

    // What the layer asks and does.
    internal bool WantsDecrypted => (_flags & (Flags.Closed | Flags.CloseWhenWritten)) == 0 && (_flags & (Flags.ReadPaused | Flags.EndOfInput)) != Flags.ReadPaused;

    internal int DecryptSize => Math.Min(ReadSize, EventLoop.ReceiveBufferSize);

    /// <summary>The server's handshake is over. For a client <see cref="OnConnected"/> tells.</summary>
    protected virtual void OnSecured()
    {
    }

    /// <summary>TLS failed, in the handshake or later; the connection ends. <see cref="OnClosed"/> follows.</summary>
    /// <param name="reason">What was wrong, without the peer's address.</param>
    protected internal virtual void OnTlsFailed(string reason)
    {
    }

    /// <summary>The client speaks plain text where it may not. What is written now goes out as it is; the connection is to be closed.</summary>
    protected virtual void OnPlainTextRefused() => Close();

    /// <summary>The connection closed before the peer sent a byte of a handshake, as the probe of a load balancer does. <see cref="OnClosed"/> follows.</summary>
    protected internal virtual void OnTlsUnused()
    {
    }

    /// <summary>The peer will speak TLS. To be called before the connection is accepted.</summary>
    protected void AcceptTls(ITlsAcceptor acceptor) => _tls = new TlsLayer(this, acceptor);

    /// <summary>As <see cref="Connect(EndPoint)"/>; <see cref="OnConnected"/> follows the TLS handshake.</summary>
    protected void Connect(EndPoint endPoint, SslClientAuthenticationOptions tls)
    {
        _tls = new TlsLayer(this, tls);
        Connect(endPoint);
    }

    /// <summary>The peer turned out not to speak TLS: from here on as if there had never been any.</summary>
    internal int GoOnInPlainText(ReadOnlySpan<byte> data)
    {
        _tls = null;
        return OnReceived(data);
    }

    /// <summary>The peer does not speak TLS, and has to.</summary>
    internal void RefusePlainText(string reason)
    {
        OnTlsFailed(reason);
        _tls = null;
        OnPlainTextRefused();
    }

    internal void HandshakeDone()
    {
        if (_tls!.IsServer)
        {
            OnSecured();
        }
        else
        {
            OnConnected();
        }
    }

    internal int DeliverDecrypted(ReadOnlySpan<byte> data) => OnReceived(data);

    /// <summary>The peer has said its last, by <c>close_notify</c> or without.</summary>
    internal void EndOfDecrypted()
    {
        _flags = (_flags | Flags.PeerShutdown | Flags.ReadPaused | Flags.EndOfInput) & ~Flags.ReadReady;
        OnEndOfInput();
    }

    internal void AppendCiphertext(ReadOnlySpan<byte> data)
    {
        if ((_flags & (Flags.Closed | Flags.WriteFailed | Flags.OutputEnded)) == 0)
        {
            _output.Append(data, Loop.Segments);
            QueueFlush();
        }
    }

    /// <summary>Ends the connection. After a handshake that failed the peer gets the alert that says why.</summary>
    internal void TlsFailed(string reason, bool inHandshake)
    {
        OnTlsFailed(reason);
        if (!inHandshake)
        {
            Fail(Constants.EPROTO);
            return;
        }

        _error = Constants.EPROTO;
        CloseWhenWritten(drain: _tls!.IsServer);
    }

    private void WriteEncrypted(ReadOnlySpan<byte> data)
    {
        _tls!.Write(data);
        if (data.Length >= LargeWrite && MaySend && !_output.IsEmpty)
        {
            // As for plain text: what is large leaves at once, with what is before it.
            _ = SendQueueAnd(default);
        }

        QueueFlush();
    }
}
