using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.Server;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Server;

/// <summary>
/// A client's connection that speaks HTTP/1.1 (RFC 9112): one request after the other, each an <see cref="Http1ServerStream"/>. While a request is in the
/// works nothing more is read; pipelined requests wait in the kernel or, what came with the first, in a buffer. How it begins, rests and ends is here,
/// with its one timer: for a client that takes nothing, shuts down or rests, and for what its stream waits for.
/// </summary>
/// <remarks>An idle connection is this object alone: about 200 bytes.</remarks>
public sealed class Http1ServerConnection : TransportHandler
{
    // What a connection that was accepted while its listener goes away gets for its first request to arrive.
    private const int DrainGrace = 1000;

    // Bytes of answers that may wait before the next pipelined request is looked at: what conn_buffer_limit_bytes is by default.
    private const int MaxAnswersWaiting = 32 * 1024;

    // In milliseconds of the loop's clock, cut to what fits beside the flag: an idle connection grows by nothing.
    private uint _restsSince;
    private bool _hasServed;

    /// <summary>Takes over a transport: it becomes its handler. On the transport's loop.</summary>
    /// <param name="transport">The client's connection, of which nothing has been received yet.</param>
    /// <param name="handler">The listener's side on the loop.</param>
    public Http1ServerConnection(Transport transport, IServerHandler handler)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(handler);
        Transport = transport;
        Handler = handler;
        transport.Handler = this;
    }

    /// <summary>The client's connection.</summary>
    public Transport Transport { get; }

    /// <summary>Is a request being read or answered?</summary>
    public bool IsBusy => Current is not null;

    /// <inheritdoc/>
    public override uint RestingMilliseconds => Current is null && !Transport.IsClosing && !Transport.IsWriteBlocked ? (uint)Now - _restsSince : 0;

    /// <inheritdoc/>
    public override object? Owner => Handler.Owner;

    /// <inheritdoc/>
    public override int ReadSize => Handler.ReadSize;

    /// <summary>The listener's side.</summary>
    internal IServerHandler Handler { get; }

    /// <summary>The request that is being read or answered.</summary>
    internal Http1ServerStream? Current { get; private set; }

    /// <summary>Milliseconds of the loop's clock.</summary>
    internal long Now => Transport.Loop.Now;

    /// <inheritdoc/>
    public override void OnConnected()
    {
        _restsSince = (uint)Now;
        Handler.OnConnectionOpened(Transport);
        if (Handler.IsDraining)
        {
            Transport.Arm(DrainGrace);
        }
        else
        {
            ArmIdle();
        }
    }

    /// <inheritdoc/>
    public override void OnSecured()
    {
        Handler.OnSecured(Transport);
        if (Handler is IHttp2ServerHandler { Http2: not null } handler && Transport.Tls?.ApplicationProtocol == "h2")
        {
            _ = new Http2ServerConnection(Transport, handler);
        }
    }

    /// <inheritdoc/>
    public override void OnTlsFailed(string reason) => Handler.OnTlsFailed(Transport, reason);

    /// <inheritdoc/>
    public override void OnTlsUnused() => Handler.OnTlsUnused(Transport);

    /// <inheritdoc/>
    public override void OnPlainTextRefused() => Refusal.Write(Transport, ProtocolError.PlainText);

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        Current?.Reader.OnArrived(length);
        while (!data.IsEmpty)
        {
            if (!(Current ?? Begin()).Reader.Read(ref data))
            {
                return Transport.Handler == this ? length : length - data.Length + Transport.Handler.OnReceived(data);
            }

            if (Transport.IsReadPaused || Transport.IsClosed || Transport.IsClosing)
            {
                return length - data.Length;
            }
        }

        Current?.Reader.OnRead();
        return length;
    }

    /// <inheritdoc/>
    public override void OnEndOfInput()
    {
        if (Current is { Reader.Phase: not RequestPhase.Head } current)
        {
            current.OnEndOfInput();
        }
        else
        {
            Transport.CloseWhenWritten(drain: false);
        }
    }

    /// <inheritdoc/>
    public override void OnPeerShutdown() => Current?.OnPeerShutdown();

    /// <inheritdoc/>
    public override void OnPeerReset() => Abandon(ResetReason.PeerClosed);

    /// <inheritdoc/>
    public override void OnWriteBlocked()
    {
        Transport.Arm(Handler.Limits.SendTimeout);
        Current?.OnWriteBlocked();
    }

    /// <inheritdoc/>
    public override void OnWriteProgress() => Transport.Arm(Handler.Limits.SendTimeout);

    /// <inheritdoc/>
    public override void OnWritten()
    {
        if (Current is not { } current)
        {
            Rest();
            return;
        }

        Transport.Disarm();
        current.OnWritten();
        if (Transport.IsPeerShutdown)
        {
            OnPeerShutdown();
        }
    }

    /// <inheritdoc/>
    public override void OnTimer()
    {
        if (Transport.IsClosing)
        {
            Transport.Close();
        }
        else if (Current is not { } current)
        {
            Handler.OnIdleTimeout(Transport);
            Transport.Close();
        }
        else if (Transport.IsWriteBlocked)
        {
            Abandon(ResetReason.SendTimeout);
        }
        else
        {
            current.OnTimer();
        }
    }

    /// <summary>Closes, if no request is being read or answered. Otherwise the response at hand will be the last.</summary>
    public override void OnDrain()
    {
        if (Current is not null || Transport.IsClosing)
        {
            return;
        }

        if (Transport.IsWriteBlocked || Transport.IsQuiet())
        {
            Transport.CloseWhenWritten(drain: false);
        }
        else
        {
            // A request has arrived and was not read yet: it gets its answer, as the last one.
            Transport.Arm(DrainGrace);
        }
    }

    /// <inheritdoc/>
    public override void OnCut() => Abandon(ResetReason.Shutdown);

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        Abandon(ResetReason.PeerClosed);
        Handler.OnConnectionClosed(Transport);
    }

    /// <summary>Waits for anything at all from the client. Zero is "for ever", as in MOSN.</summary>
    internal void ArmIdle()
    {
        if (Handler.Limits.IdleTimeout is > 0 and var timeout)
        {
            Transport.Arm(timeout);
        }
        else
        {
            Transport.Disarm();
        }
    }

    /// <summary>What has come is no head of a request: another codec reads on, or the client is told.</summary>
    internal void OnBadHead(Http1ServerStream current, ProtocolError error)
    {
        if (!HandOver(current.Stream, error))
        {
            Refuse(current, error);
        }
    }

    /// <summary>Answers a request that never became one, and closes.</summary>
    internal void Refuse(Http1ServerStream current, ProtocolError error)
    {
        var stream = current.Stream;
        Current = null;
        current.Reader.KeepWhatWasRead();
        Handler.OnProtocolError(Transport, stream, error);
        Handler.ReturnRefused(stream, error);
        Refusal.Write(Transport, error);
        Transport.CloseWhenWritten(drain: true);
    }

    /// <summary>The stream has sent or reset all that it will.</summary>
    internal void OnStreamEnded(ConnectionFate fate)
    {
        Current = null;
        if (Transport.IsClosed)
        {
            return;
        }

        switch (fate)
        {
            case ConnectionFate.Rests:
                RestWhenTaken();
                break;
            case ConnectionFate.Closes:
                Transport.CloseWhenWritten(drain: Transport.HasUnread);
                break;
            case ConnectionFate.Drains:
                Transport.CloseWhenWritten(drain: true);
                break;
            case ConnectionFate.ShowsCut:
                Transport.CloseWhenWritten(drain: false);
                break;
            case ConnectionFate.Resets:
                Transport.Abort();
                break;
            default:
                Transport.Close();
                break;
        }
    }

    /// <summary>Closes; the request at hand, if there is one, ends with it.</summary>
    internal void Abandon(ResetReason reason)
    {
        if (!Transport.IsClosed)
        {
            Transport.Close();
        }

        if (Current is not { } current)
        {
            return;
        }

        if (current.Reader.Phase == RequestPhase.Head)
        {
            Current = null;
            Handler.ReturnUnused(current.Stream);
        }
        else
        {
            current.Abandon(reason);
        }
    }

    private Http1ServerStream Begin()
    {
        var stream = Handler.RentStream();
        var current = stream.CodecState<Http1ServerStream>();
        Current = current;
        current.Begin(this, stream);
        return current;
    }

    /// <summary>Is it HTTP/2 that begins here? Then its codec reads on.</summary>
    private bool HandOver(ServerStream stream, ProtocolError error)
    {
        if (Handler is not IHttp2ServerHandler { Http2: not null } handler || _hasServed || Transport.Tls?.ApplicationProtocol is not null)
        {
            return false;
        }

        var read = stream.Request.Fields.Slice(0, stream.Request.Fields.Length);
        if (PriorKnowledge.IsPreface(read))
        {
            int count = read.Length;
            Current = null;
            Handler.ReturnUnused(stream);
            _ = new Http2ServerConnection(Transport, handler, count);
            return true;
        }

        if (!PriorKnowledge.IsBadPreface(read, error))
        {
            return false;
        }

        Current = null;
        Handler.OnProtocolError(Transport, stream, error);
        Handler.ReturnRefused(stream, error);
        new Http2ServerConnection(Transport, handler).RefusePreface();
        return true;
    }

    // Requests that came in one read are answered within one event: with answers of 7 KiB to requests of 26 bytes, 64 KiB of them
    // would make 17 MB of output before the kernel is asked for the first time whether it takes any.
    private void RestWhenTaken()
    {
        if (Transport.PendingOutput >= MaxAnswersWaiting)
        {
            Transport.SendNow();
        }

        // Otherwise OnWritten does it.
        if (!Transport.IsWriteBlocked && !Transport.IsClosed)
        {
            Rest();
        }
    }

    /// <summary>Between two requests.</summary>
    private void Rest()
    {
        _hasServed = true;
        _restsSince = (uint)Now;
        ArmIdle();
        Transport.ResumeReading();
    }
}
