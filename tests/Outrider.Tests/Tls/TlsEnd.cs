using System.Net.Security;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Tls;

namespace Outrider.Tests.Tls;

/// <summary>One end of TLS without a socket: what it makes for its peer stays here until a test takes it there.</summary>
internal sealed unsafe class TlsEnd : ITlsCarrier, ITlsHandshakeOwner, IDisposable
{
    private readonly List<byte> _sent = [];

    private TlsEnd(EventLoop loop, Func<TlsEnd, TlsHandshake> make)
    {
        Loop = loop;
        Handshake = make(this);
        (Stream, Pipe) = Handshake.Begin();
    }

    public EventLoop Loop { get; }

    public TransportHandler Handler { get; init; } = new TlsEndHandler();

    public bool IsClosed => false;

    public bool WantsDecrypted => true;

    internal TlsHandshake Handshake { get; }

    internal SslStream Stream { get; }

    internal TlsPipe Pipe { get; }

    /// <summary>How many records wait for the peer.</summary>
    internal int RecordsSent
    {
        get
        {
            int count = 0;
            for (int at = 0; at < _sent.Count; count++)
            {
                at += 5 + (_sent[at + 3] << 8 | _sent[at + 4]);
            }

            return count;
        }
    }

    /// <summary>An end that trusts whatever it is shown.</summary>
    internal static TlsEnd Client(EventLoop loop, string server = "localhost", RemoteCertificateValidationCallback? trust = null) => new(
        loop, end => new(end, end, new SslClientAuthenticationOptions { TargetHost = server, RemoteCertificateValidationCallback = trust ?? ((_, _, _, _) => true) }));

    internal static TlsEnd Server(EventLoop loop, ITlsAcceptor acceptor, TransportHandler? handler = null)
        => new(loop, end => new(end, end, acceptor)) { Handler = handler ?? new TlsEndHandler() };

    /// <summary>Two ends whose handshake is over.</summary>
    internal static (TlsEnd Client, TlsEnd Server) Pair(EventLoop loop, ITlsAcceptor acceptor, TransportHandler? handler = null)
    {
        var client = Client(loop);
        var server = Server(loop, acceptor, handler);
        while (!server.Handshake.Continue())
        {
            server.Receive(client.TakeSent(), () => server.Handshake.Continue());
            client.Receive(server.TakeSent(), () => client.Handshake.Continue());
        }

        _ = client.Handshake.Finish(out var clientError);
        _ = server.Handshake.Finish(out var serverError);
        Assert.Null(clientError);
        Assert.Null(serverError);
        return (client, server);
    }

    /// <summary>What waits for the peer.</summary>
    internal byte[] TakeSent()
    {
        byte[] sent = [.. _sent];
        _sent.Clear();
        return sent;
    }

    /// <summary>Lends it what its peer has sent, while it does something; what is not read then is for the next time.</summary>
    internal T Receive<T>(byte[] bytes, Func<T> act)
    {
        byte[] all = [.. Unread, .. bytes];
        T result;
        fixed (byte* first = all)
        {
            Pipe.Lend(first, all.Length);
            result = act();
            Unread = all[^Pipe.TakeBack()..];
        }

        return result;
    }

    /// <summary>Bytes that it was lent and has not read.</summary>
    internal byte[] Unread { get; private set; } = [];

    /// <summary>Was it told that the handshake's time is over?</summary>
    internal bool HasTimedOut { get; private set; }

    public void OnHandshakeTimeout() => HasTimedOut = true;

    public void AppendCiphertext(ReadOnlySpan<byte> data) => _sent.AddRange(data);

    public bool KeepsUnread(int count) => true;

    public void Dispose() => Stream.Dispose();

    public void PauseReading() => throw new NotSupportedException();

    public void ResumeReading() => throw new NotSupportedException();

    public void Close() => throw new NotSupportedException();

    public void CloseWhenWritten(bool drain) => throw new NotSupportedException();

    public void GoOnInPlainText() => throw new NotSupportedException();

    public void EndOfDecrypted() => throw new NotSupportedException();

    public void TlsFailed(string reason, bool inHandshake) => throw new NotSupportedException();
}
