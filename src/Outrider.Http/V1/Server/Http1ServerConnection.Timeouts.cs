using Outrider.Net;

namespace Outrider.Http.V1;

/// <content>What the connection's one timer watches: a head or a body that is to come, a client that takes nothing, shuts down or rests.</content>
public sealed partial class Http1ServerConnection
{
    // A client that shuts down its sending side may still wait for the answer, or be gone: TCP does not tell. It gets this long.
    private const int HalfCloseGrace = 1000;

    /// <inheritdoc/>
    protected override void OnPeerShutdown()
    {
        if (_stream is { Http1.Phase: RequestPhase.Complete } stream && !IsWriteBlocked)
        {
            stream.Http1.ResponseBytesAtShutdown = stream.Http1.ResponseBytes;
            Loop.Arm(this, HalfCloseGrace);
        }
    }

    /// <inheritdoc/>
    protected override void OnWriteBlocked()
    {
        Loop.Arm(this, Limits.SendTimeout);
        _stream?.OnResponseBlocked();
    }

    /// <inheritdoc/>
    protected override void OnWriteProgress() => Loop.Arm(this, Limits.SendTimeout);

    /// <inheritdoc/>
    protected override void OnWritten()
    {
        if (_stream is null)
        {
            Rest();
            return;
        }

        EventLoop.Disarm(this);
        if (_stream.Http1.Phase == RequestPhase.Body && !IsReadPaused)
        {
            Loop.Arm(this, Limits.BodyTimeout);
        }
        else if (_stream.Http1.Phase == RequestPhase.Tunnel)
        {
            ArmIdle();
        }

        _stream.OnResponseWritten();
        if (IsPeerShutdown && _stream is not null)
        {
            OnPeerShutdown();
        }
    }

    /// <inheritdoc/>
    protected override void OnTimer()
    {
        if (IsClosing)
        {
            Close();
        }
        else if (_stream is null)
        {
            _handler.OnIdleTimeout(this);
            Close();
        }
        else if (IsWriteBlocked)
        {
            Abandon(ResetReason.SendTimeout);
        }
        else
        {
            var reader = _stream.Http1;
            switch (reader.Phase)
            {
                case RequestPhase.Head:
                    Refuse(ProtocolError.HeaderTimeout);
                    break;
                case RequestPhase.Complete when reader.ResponseBytes != reader.ResponseBytesAtShutdown:
                    OnPeerShutdown();
                    break;
                case RequestPhase.Complete:
                    Abandon(ResetReason.PeerClosed);
                    break;
                case RequestPhase.Tunnel:
                    Abandon(ResetReason.ReceiveTimeout);
                    break;
                default:
                    FailBody(ResetReason.ReceiveTimeout, ProtocolError.BodyTimeout);
                    break;
            }
        }
    }

    // Zero is "for ever", as in MOSN.
    private void ArmIdle()
    {
        if (Limits.IdleTimeout > 0)
        {
            Loop.Arm(this, Limits.IdleTimeout);
        }
        else
        {
            EventLoop.Disarm(this);
        }
    }
}
