using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Server;

/// <content>What the connection's one timer watches: a head or a body that is to come, a client that takes nothing, shuts down or rests.</content>
public sealed partial class Http1ServerConnection
{
    // A client that shuts down its sending side may still wait for the answer, or be gone: TCP does not tell. It gets this long.
    private const int HalfCloseGrace = 1000;

    /// <inheritdoc/>
    public override void OnPeerShutdown()
    {
        if (_stream is { Http1.Phase: RequestPhase.Complete } stream && !Transport.IsWriteBlocked)
        {
            stream.Http1.ResponseBytesAtShutdown = stream.Http1.ResponseBytes;
            Transport.Arm(HalfCloseGrace);
        }
    }

    /// <inheritdoc/>
    public override void OnWriteBlocked()
    {
        Transport.Arm(Limits.SendTimeout);
        _stream?.Http1.Pace.Pause(Loop.Now);
        _stream?.OnResponseBlocked();
    }

    /// <inheritdoc/>
    public override void OnWriteProgress() => Transport.Arm(Limits.SendTimeout);

    /// <inheritdoc/>
    public override void OnWritten()
    {
        if (_stream is null)
        {
            Rest();
            return;
        }

        Transport.Disarm();
        if (_stream.Http1.Phase == RequestPhase.Body && !Transport.IsReadPaused)
        {
            ArmBody(_stream.Http1);
        }
        else if (_stream.Http1.Phase == RequestPhase.Tunnel)
        {
            ArmIdle();
        }

        _stream.OnResponseWritten();
        if (Transport.IsPeerShutdown && _stream is not null)
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
        else if (_stream is null)
        {
            _handler.OnIdleTimeout(Transport);
            Transport.Close();
        }
        else if (Transport.IsWriteBlocked)
        {
            Abandon(ResetReason.SendTimeout);
        }
        else
        {
            var reader = _stream.Http1;
            switch (reader.Phase)
            {
                case RequestPhase.Head:
                    Refuse(Loop.Now - reader.HeadBegunAt < Limits.HeaderTimeout && reader.Pace.IsBehind(Loop.Now) ? ProtocolError.HeadTooSlow : ProtocolError.HeaderTimeout);
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
                    FailBody(ResetReason.ReceiveTimeout, reader.Pace.IsBehind(Loop.Now) ? ProtocolError.BodyTooSlow : ProtocolError.BodyTimeout);
                    break;
            }
        }
    }

    // From the first byte on, however slowly the rest drips in.
    private void ArmHead(Http1RequestReader reader, int count)
    {
        long now = Loop.Now;
        if ((_state & State.HeaderTimer) == 0)
        {
            _state |= State.HeaderTimer;
            reader.HeadBegunAt = now;
            reader.Pace.Begin(now, Limits.MinHeaderRate, Limits.MinRateGrace);
        }
        else
        {
            reader.Pace.Arrived(count, now);
        }

        Transport.Arm(reader.Pace.Left(now, Math.Max(1, reader.HeadBegunAt + Limits.HeaderTimeout - now)));
    }

    private void ArmBody(Http1RequestReader reader)
    {
        long now = Loop.Now;
        reader.Pace.Resume(now);
        Transport.Arm(reader.Pace.Left(now, Limits.BodyTimeout));
    }

    // Zero is "for ever", as in MOSN.
    private void ArmIdle()
    {
        if (Limits.IdleTimeout > 0)
        {
            Transport.Arm(Limits.IdleTimeout);
        }
        else
        {
            Transport.Disarm();
        }
    }
}
