namespace Outrider.Http.V1;

/// <content>How a request and its response end, as they should or not, and what becomes of the connection.</content>
public sealed partial class Http1ServerConnection
{
    // Bytes of answers that may wait before the next pipelined request is looked at: what conn_buffer_limit_bytes is by default.
    private const int MostAnswersWaiting = 32 * 1024;

    /// <inheritdoc/>
    public void EndStream(ServerStream stream)
    {
        if (_stream != stream)
        {
            return;
        }

        var phase = stream.Http1.Phase;
        _stream = null;
        if (IsClosed)
        {
            return;
        }

        if (phase == RequestPhase.Tunnel)
        {
            CloseWhenWritten(drain: false);
        }
        else if ((_state & State.ResponseDone) == 0)
        {
            // Cut off in the middle. What was sent may still go out; a connection that ends early is what shows the truncation.
            if ((_state & State.ResponseBegun) != 0 && (_state & State.Chunked) == 0 && stream.Http1.ResponseLeft < 0)
            {
                Abort();
            }
            else if ((_state & State.ResponseBegun) != 0)
            {
                CloseWhenWritten(drain: false);
            }
            else
            {
                Close();
            }
        }
        else if (phase != RequestPhase.Complete)
        {
            CloseWhenWritten(drain: true);
        }
        else if ((_state & State.KeepAlive) == 0)
        {
            CloseWhenWritten(drain: HasUnread);
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
        if (PendingOutput >= MostAnswersWaiting)
        {
            SendNow();
        }

        // Otherwise OnWritten does it.
        if (!IsWriteBlocked && !IsClosed)
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
    protected override void OnEndOfInput()
    {
        if (_stream is null || _stream.Http1.Phase == RequestPhase.Head)
        {
            CloseWhenWritten(drain: false);
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
    protected override void OnPeerReset() => Abandon(ResetReason.PeerClosed);

    /// <summary>Answers a request that never became one, and closes.</summary>
    private void Refuse(ProtocolError error)
    {
        var stream = _stream!;
        _stream = null;
        stream.Http1.Head.KeepWhatWasRead();
        _handler.OnProtocolError(this, stream, error);
        _handler.ReturnRefused(stream, error);
        Refusal.Write(this, error);
        CloseWhenWritten(drain: true);
    }

    /// <inheritdoc/>
    protected override void OnPlainTextRefused()
    {
        Refusal.Write(this, ProtocolError.PlainText);
        CloseWhenWritten(drain: true);
    }

    /// <summary>The request's body broke off or is not HTTP: the stream answers, if it can still do so.</summary>
    private void FailBody(ResetReason reason, ProtocolError error)
    {
        _stream!.Http1.Phase = RequestPhase.Failed;
        _state &= ~State.KeepAlive;
        PauseReading();
        _handler.OnProtocolError(this, _stream, error);
        _stream.OnRequestReset(reason, error);
    }

    private void Abandon(ResetReason reason)
    {
        if (!IsClosed)
        {
            Close();
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
