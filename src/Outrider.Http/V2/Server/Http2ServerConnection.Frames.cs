using System.Buffers.Binary;
using Outrider.Http.V2.Framing;

namespace Outrider.Http.V2.Server;

/// <content>What the client sends, frame by frame, and what of it is about the connection.</content>
public sealed partial class Http2ServerConnection
{
    // From here on what a client does not take keeps it from asking for more.
    private const int MaxUntaken = 256 * 1024;

    /// <summary>The preface comes first; false while it is not complete.</summary>
    private bool ReadPreface(ref ReadOnlySpan<byte> data)
    {
        if (_prefaceRead == Preface.Length)
        {
            return true;
        }

        int count = Math.Min(data.Length, Preface.Length - _prefaceRead);
        if (!data[..count].SequenceEqual(Preface.Slice(_prefaceRead, count)))
        {
            throw Http2Exception.Protocol("the connection does not begin as HTTP/2");
        }

        data = data[count..];
        _prefaceRead += count;
        if (_prefaceRead < Preface.Length)
        {
            return false;
        }

        WriteSettings();
        if (_handler.IsDraining)
        {
            OnDrain();
        }

        return true;
    }

    private void ReadFrames(ref ReadOnlySpan<byte> data)
    {
        while (!Transport.IsClosed && !Has(State.Failed) && _frames.Read(ref data, out var payload))
        {
            OnFrame(_frames.Frame, payload);
            if (Transport.IsWriteBlocked && Transport.PendingOutput > MaxUntaken)
            {
                Transport.PauseReading();
                return;
            }
        }
    }

    private void WatchHead(int count)
    {
        if (!_block.IsOpen && !(_frames.HasMore && _frames.Frame.Type is FrameType.Headers or FrameType.Continuation))
        {
            _head.Close();
        }
        else if (_head.Arrived(count, Now, Limits))
        {
            ArmNext();
        }
    }

    private void OnFrame(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (!Has(State.Settled) && (frame.Type != FrameType.Settings || frame.IsAnswer))
        {
            throw Http2Exception.Protocol("the first frame is not SETTINGS");
        }

        if (_block.IsOpen && frame.Type != FrameType.Continuation)
        {
            throw Http2Exception.Protocol("a header block is interrupted");
        }

        switch (frame.Type)
        {
            case FrameType.Data:
                OnData(frame, payload);
                return;
            case FrameType.Headers:
                OnHeaders(frame, payload);
                return;
            case FrameType.Continuation:
                OnContinuation(frame, payload);
                return;
            default:
                break;
        }

        _guard.OnIdleFrame(Now);
        switch (frame.Type)
        {
            case FrameType.Priority:
                OnPriority(frame, payload);
                break;
            case FrameType.ResetStream:
                OnReset(frame, payload);
                break;
            case FrameType.Settings:
                OnSettings(frame, payload);
                break;
            case FrameType.Ping:
                OnPing(frame, payload);
                break;
            case FrameType.GoAway:
                FrameRules.CheckConnection(frame);
                _handler.Http2Counts.OnGoAway();
                _state |= State.ClientDone;
                CloseIfDone();
                break;
            case FrameType.WindowUpdate:
                OnWindowUpdate(frame, payload);
                break;
            case FrameType.PushPromise:
                throw Http2Exception.Protocol("a push, from a client");
            default:
                // What is not known is passed over (RFC 9113 §5.5).
                break;
        }
    }

    private void OnPriority(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (frame.StreamId == 0)
        {
            throw Http2Exception.Protocol("PRIORITY of the connection");
        }

        // A stream that depends on itself is a fault of RFC 7540 §5.3.1; RFC 9113 has no dependencies.
        if (payload.Length != 5 || (BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue) == frame.StreamId)
        {
            ResetFor(frame.StreamId, payload.Length != 5 ? Http2Error.FrameSize : Http2Error.Protocol);
        }
    }

    private void OnSettings(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        FrameRules.CheckSettings(frame, payload);
        if (frame.IsAnswer)
        {
            return;
        }

        _state |= State.Settled;
        int window = _peer.InitialWindow;
        _peer.Apply(payload, isServer: false);
        FrameWriter.Write(Transport, FrameType.Settings, (FrameFlags)FrameHeader.Ack, 0, default);
        if (_peer.InitialWindow != window)
        {
            Resize(_peer.InitialWindow - window);
        }
    }

    private void Resize(int difference)
    {
        using var open = new OpenStreams(ref _streams);
        foreach (var stream in open)
        {
            Sender.Resize(stream, difference);
        }

        Sender.Pump();
    }

    private void OnPing(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        FrameRules.CheckConnection(frame);
        FrameRules.CheckLength(payload, 8);
        if (!frame.IsAnswer)
        {
            FrameWriter.Write(Transport, FrameType.Ping, (FrameFlags)FrameHeader.Ack, 0, payload);
            return;
        }

        _state &= ~State.Pinged;
        if (payload.SequenceEqual(DrainPing))
        {
            FinishDrain();
        }
    }

    private void OnWindowUpdate(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        int more = FrameRules.Increment(payload);
        if (frame.StreamId == 0)
        {
            Sender.Grow(more);
            return;
        }

        CheckStream(frame.StreamId);
        if (_streams.Find(frame.StreamId) is not { IsGone: false } stream)
        {
            return;
        }

        var error = Sender.Grow(stream, more);
        if (error != Http2Error.None)
        {
            GiveUp(stream, error, null);
        }
    }

    /// <summary>Streams of clients have odd numbers, and have begun before anything is said of them (RFC 9113 §5.1, "idle").</summary>
    private void CheckStream(int id)
    {
        if (id == 0 || id % 2 == 0 || id > _lastId)
        {
            throw Http2Exception.Protocol($"a frame on stream {id}");
        }
    }
}
