using Outrider.Http.Rules;
using Outrider.Http.Streams;

namespace Outrider.Http.V1.Server;

/// <content>How a request and its response end, as they should or not, and what becomes of the connection.</content>
public sealed partial class Http1ServerConnection
{
    // Bytes of answers that may wait before the next pipelined request is looked at: what conn_buffer_limit_bytes is by default.
    private const int MaxAnswersWaiting = 32 * 1024;

    /// <inheritdoc/>
    public void EndStream(ServerStream stream)
    {
        if (_stream != stream)
        {
            return;
        }

        var phase = stream.Http1.Phase;
        _stream = null;
        if (Transport.IsClosed)
        {
            return;
        }

        if (phase == RequestPhase.Tunnel)
        {
            Transport.CloseWhenWritten(drain: false);
        }
        else if ((_state & State.ResponseDone) == 0)
        {
            // Cut off in the middle. What was sent may still go out; a connection that ends early is what shows the truncation.
            if ((_state & State.ResponseBegun) != 0 && (_state & State.Chunked) == 0 && stream.Http1.ResponseLeft < 0)
            {
                Transport.Abort();
            }
            else if ((_state & State.ResponseBegun) != 0)
            {
                Transport.CloseWhenWritten(drain: false);
            }
            else
            {
                Transport.Close();
            }
        }
        else if (phase != RequestPhase.Complete)
        {
            Transport.CloseWhenWritten(drain: true);
        }
        else if ((_state & State.KeepAlive) == 0)
        {
            Transport.CloseWhenWritten(drain: Transport.HasUnread);
        }
        else
        {
            RestWhenTaken();
        }
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

    /// <inheritdoc/>
    public void Reset()
    {
        _state &= ~(State.KeepAlive | State.ResponseDone);
        if (_stream is not null)
        {
            _stream.Http1.Phase = RequestPhase.Failed;
        }
    }

    /// <inheritdoc/>
    public override void OnEndOfInput()
    {
        if (_stream is null || _stream.Http1.Phase == RequestPhase.Head)
        {
            Transport.CloseWhenWritten(drain: false);
        }
        else if (_stream.Http1.Phase == RequestPhase.Tunnel)
        {
            _stream.OnRequestData(default, endStream: true);
        }
        else if (_stream.Http1.Phase == RequestPhase.Complete)
        {
            OnPeerShutdown();
        }
        else
        {
            Abandon(ResetReason.PeerClosed);
        }
    }

    /// <inheritdoc/>
    public override void OnPeerReset() => Abandon(ResetReason.PeerClosed);

    /// <summary>Answers a request that never became one, and closes.</summary>
    private void Refuse(ProtocolError error)
    {
        var stream = _stream!;
        _stream = null;
        stream.Http1.Head.KeepWhatWasRead();
        _handler.OnProtocolError(Transport, stream, error);
        _handler.ReturnRefused(stream, error);
        Refusal.Write(Transport, error);
        Transport.CloseWhenWritten(drain: true);
    }

    /// <inheritdoc/>
    public override void OnPlainTextRefused() => Refusal.Write(Transport, ProtocolError.PlainText);

    /// <summary>The request's body broke off or is not HTTP: the stream answers, if it can still do so.</summary>
    private void FailBody(ResetReason reason, ProtocolError error)
    {
        _stream!.Http1.Phase = RequestPhase.Failed;
        _state &= ~State.KeepAlive;
        Transport.PauseReading();
        _handler.OnProtocolError(Transport, _stream!, error);
        _stream!.OnRequestReset(reason, error);
    }

    private void Abandon(ResetReason reason)
    {
        if (!Transport.IsClosed)
        {
            Transport.Close();
        }

        if (_stream is { } stream)
        {
            if (stream.Http1.Phase == RequestPhase.Head)
            {
                _stream = null;
                _handler.ReturnUnused(stream);
            }
            else if (stream.Http1.Phase != RequestPhase.Failed || (_state & State.ResponseDone) == 0)
            {
                stream.Http1.Phase = RequestPhase.Failed;
                _state |= State.ResponseDone;
                stream.OnRequestReset(reason, null);
            }
        }
    }
}
