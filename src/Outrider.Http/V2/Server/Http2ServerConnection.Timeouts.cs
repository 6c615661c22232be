using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.Framing;

namespace Outrider.Http.V2.Server;

/// <content>What is waited for, and not for ever; and how the connection ends in good order.</content>
public sealed partial class Http2ServerConnection
{
    // A client that breaks the protocol gets this long to take our last words.
    private const int FarewellMilliseconds = 1000;

    // What it gets to answer the PING behind the first GOAWAY; by then what it sent before it knew has come (RFC 9113 §6.8).
    private const int DrainGrace = 1000;

    // What a client gets to end a stream that was answered in full, before it is told that nothing of the rest is wanted.
    private const int LingerMilliseconds = 1000;

    // How often open streams are looked at.
    private const int MaxBetweenLooks = 1000;
    private const int MinBetweenLooks = 20;

    private static ReadOnlySpan<byte> DrainPing => "outrider"u8;

    private static ReadOnlySpan<byte> KeepalivePing => "are you?"u8;

    /// <inheritdoc/>
    public override void OnWriteBlocked()
    {
        _blockAt = Now;
        ArmNext();
    }

    /// <inheritdoc/>
    public override void OnWriteProgress() => _blockAt = Now;

    /// <inheritdoc/>
    public override void OnWritten()
    {
        if (Has(State.Failed))
        {
            return;
        }

        Transport.ResumeReading();
        Sender.Pump();
    }

    /// <summary>Tells the client that this connection ends, and ends it when what is under way is done (RFC 9113 §6.8).</summary>
    public override void OnDrain()
    {
        if (Has(State.Draining | State.Failed) || Transport.IsClosing || Transport.IsClosed)
        {
            return;
        }

        if (_prefaceRead < Preface.Length)
        {
            // Whatever it asks is asked after it has sent the preface, and then it is told.
            Transport.Arm(DrainGrace);
            return;
        }

        _state |= State.Draining;
        WriteGoAway(Http2Error.None, int.MaxValue);
        FrameWriter.Write(Transport, FrameType.Ping, FrameFlags.None, 0, DrainPing);
        _blockAt = Now;
        Transport.Arm(DrainGrace);
    }

    /// <inheritdoc/>
    public override void OnTimer()
    {
        long now = Now;
        if (Has(State.Failed))
        {
            Transport.Close();
            return;
        }

        if (Has(State.Draining) && !Has(State.Drained))
        {
            FinishDrain();
        }

        if (_prefaceRead < Preface.Length && (_handler.IsDraining || now - _restsSince >= FirstFrames))
        {
            Fail(Http2Error.None);
        }
        else if (_head.FindError(now, Limits) is { } error)
        {
            RefuseHead(error);
        }
        else if (Transport.IsWriteBlocked && now - _blockAt >= Limits.SendTimeout)
        {
            Abandon(ResetReason.SendTimeout);
        }
        else if (_streams.Count > 0)
        {
            LookAtStreams(now);
        }
        else if (Limits.IdleTimeout > 0 && now - _restsSince >= Limits.IdleTimeout && !Transport.IsClosing)
        {
            _handler.OnIdleTimeout(Transport);
            WriteGoAway(Http2Error.None, _lastId);
            Transport.CloseWhenWritten(drain: false);
            Transport.Arm(FarewellMilliseconds);
            return;
        }

        if (!Transport.IsClosed && !Has(State.Failed) && KeepsAlive(now) && !Transport.IsClosing)
        {
            ArmNext();
        }
    }

    private int FirstFrames => Limits.IdleTimeout > 0 ? Limits.IdleTimeout : Limits.HeaderTimeout;

    // A stream that waits for its client: for its body, or that it takes what is sent, if only by a window that never opens.
    private void LookAtStreams(long now)
    {
        using var open = new OpenStreams(ref _streams);
        foreach (var stream in open)
        {
            if (stream.Lingers)
            {
                if (now - stream.MovedAt >= LingerMilliseconds)
                {
                    StopRequest(stream);
                    EndIfOver(stream);
                }

                continue;
            }

            if (stream.IsOpenTunnel && stream.Out.Length == 0)
            {
                EndIfSilent(stream, now);
                continue;
            }

            if (stream.IsTooSlow(now))
            {
                stream.Fail(ResetReason.ReceiveTimeout, ProtocolError.BodyTooSlow);
                continue;
            }

            if (!stream.AwaitsClient)
            {
                continue;
            }

            bool sends = stream.Out.Length > 0;
            if (now - stream.MovedAt < (sends ? Limits.SendTimeout : Limits.BodyTimeout))
            {
                continue;
            }

            if (sends)
            {
                ResetStream(stream, Http2Error.Cancel);
                stream.OnReset(ResetReason.SendTimeout, null);
            }
            else
            {
                stream.Fail(ResetReason.ReceiveTimeout, ProtocolError.BodyTimeout);
            }
        }
    }

    // Nobody can be answered: which request it would have become is not known.
    private void RefuseHead(ProtocolError error)
    {
        var client = StreamPool.Rent();
        var stream = _handler.RentStream();
        client.Begin(this, stream, 0, 0, 0, Now);
        stream.OnBegin();
        client.Release();
        StreamPool.Return(client);
        _handler.OnProtocolError(Transport, stream, error);
        _handler.ReturnRefused(stream, error);
        Fail(Http2Error.EnhanceYourCalm);
    }

    private void EndIfSilent(Http2ServerStream tunnel, long now)
    {
        if (Limits.IdleTimeout > 0 && now - tunnel.MovedAt >= Limits.IdleTimeout)
        {
            ResetStream(tunnel, Http2Error.Cancel);
            tunnel.OnReset(ResetReason.ReceiveTimeout, null);
        }
    }

    /// <summary>Asks a silent client whether it is there; false when it has not answered and the connection is closed.</summary>
    private bool KeepsAlive(long now)
    {
        if (_limits.KeepaliveInterval == 0 || now - _heardAt < _limits.KeepaliveInterval)
        {
            return true;
        }

        if (!Has(State.Pinged))
        {
            _state |= State.Pinged;
            FrameWriter.Write(Transport, FrameType.Ping, FrameFlags.None, 0, KeepalivePing);
        }
        else if (now - _heardAt >= (long)_limits.KeepaliveInterval + _limits.KeepaliveTimeout)
        {
            Abandon(ResetReason.PeerClosed);
            return false;
        }

        return true;
    }

    private void FinishDrain()
    {
        if (!Has(State.Draining) || Has(State.Drained))
        {
            return;
        }

        _state |= State.Drained;
        WriteGoAway(Http2Error.None, _lastId);
        CloseIfDone();
    }

    private void CloseIfDone()
    {
        if (_streams.Count > 0 || Transport.IsClosed || Transport.IsClosing)
        {
            return;
        }

        if (Has(State.Drained | State.ClientDone))
        {
            Transport.CloseWhenWritten(drain: true);
            Transport.Arm(FarewellMilliseconds);
        }
        else
        {
            ArmNext();
        }
    }

    // One timer for all: moving it later costs nothing, and streams need no more than a look now and then.
    private void ArmNext()
    {
        long delay = long.MaxValue;
        if (_streams.Count > 0 || _head.IsOpen || Transport.IsWriteBlocked)
        {
            delay = Math.Clamp(Math.Min(Math.Min(Limits.BodyTimeout, Limits.SendTimeout), Math.Min(Limits.HeaderTimeout, Limits.MinRateGrace)) / 4, MinBetweenLooks, MaxBetweenLooks);
        }
        else if (_prefaceRead < Preface.Length)
        {
            delay = FirstFrames;
        }
        else if (Limits.IdleTimeout > 0)
        {
            delay = Math.Max(1, Limits.IdleTimeout - (Now - _restsSince));
        }

        if (_limits.KeepaliveInterval > 0)
        {
            int wait = Has(State.Pinged) ? _limits.KeepaliveInterval + _limits.KeepaliveTimeout : _limits.KeepaliveInterval;
            delay = Math.Min(delay, Math.Max(1, wait - (Now - _heardAt)));
        }

        if (Has(State.Draining) && !Has(State.Drained))
        {
            delay = Math.Min(delay, DrainGrace);
        }

        if (delay < long.MaxValue)
        {
            Transport.Arm(delay);
        }
        else
        {
            Transport.Disarm();
        }
    }
}
