using Outrider.Net.Loops;

namespace Outrider.Net.Sockets;

/// <summary>
/// Who reads a <see cref="Outrider.Net.Transports.Transport"/> and is told of what happens to it: a codec, or whoever looks at a connection before one does.
/// Everything happens on the loop's thread, and no call into the transport ever calls back: what has to be told is told when
/// the event at hand is done.
/// </summary>
public abstract class TransportHandler
{
    /// <summary>Who accepted the transport, by which its listener finds those that are its own; null for one that was not accepted. Default: null.</summary>
    public virtual object? Owner => null;

    /// <summary>Are the transport's events to come before those of others in a batch, as for one that rests in a pool (<see cref="LoopHandle.IsServedFirst"/>)? Default: false.</summary>
    public virtual bool IsServedFirst => false;

    /// <summary>For how many milliseconds nothing has been under way, so that the transport may be closed for want of descriptors; 0 while something is. Default: 0.</summary>
    public virtual uint RestingMilliseconds => 0;

    /// <summary>The most that one read takes, 1 to <see cref="EventLoop.ReceiveBufferSize"/> bytes (the default).</summary>
    public virtual int ReadSize => EventLoop.ReceiveBufferSize;

    /// <summary>When the peer no longer takes what is written: is it still worth reading what it sent? An upstream's early answer is; default false.</summary>
    public virtual bool ReadsAfterWriteFailure => false;

    /// <summary>The transport is accepted; or the connection that <see cref="Outrider.Net.Transports.Transport.Connect"/> asked for is there, with TLS after its handshake.</summary>
    public virtual void OnConnected()
    {
    }

    /// <summary>The handshake of a server's TLS is over. For a client <see cref="OnConnected"/> tells.</summary>
    public virtual void OnSecured()
    {
    }

    /// <summary>What stands before the handler has let the connection in. Only where something does (<see cref="HandlerStage"/>). Default: nothing.</summary>
    public virtual void OnAdmitted()
    {
    }

    /// <summary>TLS failed, in the handshake or later; the transport ends. <see cref="OnClosed"/> follows.</summary>
    /// <param name="reason">What was wrong, without the peer's address.</param>
    public virtual void OnTlsFailed(string reason)
    {
    }

    /// <summary>The transport closed before the peer sent a byte of a handshake, as the probe of a load balancer does. <see cref="OnClosed"/> follows.</summary>
    public virtual void OnTlsUnused()
    {
    }

    /// <summary>The client speaks plain text where it may not. What is written now goes out as it is, then the transport closes. Follows <see cref="OnTlsFailed"/>.</summary>
    public virtual void OnPlainTextRefused()
    {
    }

    /// <summary>
    /// Bytes arrived. The span is the loop's buffer, good for the length of the call. Returns how many bytes were used;
    /// what is left comes again, before anything newer, after <see cref="Outrider.Net.Transports.Transport.ResumeReading"/>. Leaving some without having
    /// paused closes the transport.
    /// </summary>
    public abstract int OnReceived(ReadOnlySpan<byte> data);

    /// <summary>While <see cref="Outrider.Net.Transports.Transport.PeekInput"/> is on: what has arrived and stays in the kernel, from its first byte on, more of it each time.</summary>
    /// <param name="data">Good for the length of the call.</param>
    /// <param name="isAll">The peer will send no more.</param>
    public virtual void OnPeeked(ReadOnlySpan<byte> data, bool isAll)
    {
    }

    /// <summary>Bytes have arrived, or their end, which are not received: a <see cref="Outrider.Net.Transports.TransportSplice"/> is on, to be moved on now.</summary>
    public virtual void OnReadable()
    {
    }

    /// <summary>The peer will send no more, and everything that it sent has been received.</summary>
    public abstract void OnEndOfInput();

    /// <summary>The peer will send no more, noticed while reading is paused.</summary>
    public virtual void OnPeerShutdown()
    {
    }

    /// <summary>The connection broke (reset), noticed while reading is paused. Default: nothing; the read that follows will tell.</summary>
    public virtual void OnPeerReset()
    {
    }

    /// <summary>The kernel takes no more for now: stop what feeds this transport.</summary>
    public virtual void OnWriteBlocked()
    {
    }

    /// <summary>While blocked: the kernel took some of what waits, not all.</summary>
    public virtual void OnWriteProgress()
    {
    }

    /// <summary>After <see cref="OnWriteBlocked"/>: everything that waited has been taken.</summary>
    public virtual void OnWritten()
    {
    }

    /// <summary>The time set by <see cref="Outrider.Net.Transports.Transport.Arm"/> is over.</summary>
    public virtual void OnTimer()
    {
    }

    /// <summary>Whoever accepted the transport goes away: close if nothing is under way, otherwise with the end of it. Default: nothing.</summary>
    public virtual void OnDrain()
    {
    }

    /// <summary>The proxy stops: close at once. What is under way ends for that reason, and not as if the peer had gone.</summary>
    public abstract void OnCut();

    /// <summary>The descriptor is closed. Called exactly once, whoever closed it.</summary>
    /// <param name="error">0, or the errno of what ended the connection (<see cref="SocketErrors.Describe"/>).</param>
    public abstract void OnClosed(int error);
}
