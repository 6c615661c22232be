using System.Buffers.Binary;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.Framing;

namespace Outrider.Http.V2.Client;

/// <content>What the server sends, frame by frame.</content>
public sealed partial class Http2ClientConnection
{
    // One that makes us answer pings and takes no answers is not served on.
    private const int MaxUnsentAnswers = 64 * 1024;

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        _heardAt = Transport.Loop.Now;
        _state &= ~State.Pinged;
        if (!Has(State.Settled | State.Foreign) && _frames.IsFresh && data[0] != 0)
        {
            // HTTP/2 begins with SETTINGS, and those with the first byte of a length that is none of these: it says "HTTP/1.1", or whatever.
            _state |= State.Foreign | State.Failed;
            _reason = Http2Errors.NotHttp2.Message;
            Transport.Close();
            return length;
        }

        try
        {
            while (!Transport.IsClosed && !Has(State.Failed) && _frames.Read(ref data, out var payload))
            {
                OnFrame(_frames.Frame, payload);
            }
        }
        catch (Http2Exception e)
        {
            Farewell(e);
        }

        return length;
    }

    private void OnFrame(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (!Has(State.Settled) && frame.Type != FrameType.Settings)
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
                break;
            case FrameType.Headers:
                OnHeaders(frame, payload);
                break;
            case FrameType.Continuation:
                OnContinuation(frame, payload);
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
                OnGoAway(frame, payload);
                break;
            case FrameType.WindowUpdate:
                OnWindowUpdate(frame, payload);
                break;
            case FrameType.PushPromise:
                throw Http2Exception.Protocol("a push, which was not allowed");
            default:
                break;
        }
    }

    private void CheckStream(int id)
    {
        if (id == 0 || id % 2 == 0 || id >= _nextId)
        {
            throw Http2Exception.Protocol($"a frame on stream {id}");
        }
    }

    private void OnData(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckStream(frame.StreamId);
        // Everything that comes counts (RFC 9113 §6.9.1), for a stream that is not wanted any more too.
        if (!_window.Arrive(payload.Length))
        {
            throw new Http2Exception(Http2Error.FlowControl, "more than the connection's window");
        }

        var data = FrameRules.Data(frame, payload);
        if (!_streams.TryGetValue(frame.StreamId, out var stream))
        {
            Took(payload.Length);
            return;
        }

        var wrong = stream.OnData(data, payload.Length, !_frames.HasMore && frame.Has(FrameFlags.EndStream));
        if (wrong != Http2Error.None)
        {
            Took(payload.Length);
            Break(stream, wrong);
        }
    }

    private void OnHeaders(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckStream(frame.StreamId);
        var fragment = FrameRules.Fragment(frame, payload);
        if (frame.Has(FrameFlags.EndHeaders))
        {
            OnBlock(frame.StreamId, frame.Has(FrameFlags.EndStream), fragment);
            return;
        }

        _block.Begin(frame, fragment, _limits.Message.MaxHeaderBytes);
    }

    private void OnContinuation(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        _block.Continue(frame, payload, _limits.Message.MaxHeaderBytes);
        if (frame.Has(FrameFlags.EndHeaders))
        {
            OnBlock(_block.StreamId, _block.EndsStream, _block.Bytes);
            _block.Drop();
        }
        else if (payload.IsEmpty)
        {
            // An endless row of them would cost us and say nothing.
            throw new Http2Exception(Http2Error.EnhanceYourCalm, "an empty CONTINUATION");
        }
    }

    private void OnBlock(int id, bool endStream, ReadOnlySpan<byte> block)
    {
        if (!_streams.TryGetValue(id, out var stream))
        {
            _fields.Skip(block);
        }
        else if (stream.OnBlock(_fields, block, endStream, MaxInformational) is not null)
        {
            Break(stream, Http2Error.Protocol);
        }
    }

    private void OnReset(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckStream(frame.StreamId);
        FrameRules.CheckLength(payload, 4);
        _counts.OnReset(BinaryPrimitives.ReadUInt32BigEndian(payload));
        if (!_streams.Remove(frame.StreamId, out var stream))
        {
            return;
        }

        var code = (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload);
        bool refused = code == Http2Error.RefusedStream;
        Sender.Remove(stream);
        if (refused && _streams.Count > 0)
        {
            _state |= State.Full;
        }

        Tell(stream, new UpstreamFailure(ResetReason.StreamReset, 0, NothingSent: refused, WasReused: refused, stream.HasHead, null) { Code = (uint)code });
    }

    private void OnSettings(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        FrameRules.CheckSettings(frame, payload);
        if (frame.IsAnswer)
        {
            return;
        }

        bool isFirst = !Has(State.Settled);
        _state |= State.Settled;
        int before = _peer.MaxStreams;
        int window = _peer.InitialWindow;
        _peer.Apply(payload, isServer: true);
        Answer(FrameType.Settings, default);
        if (_peer.InitialWindow != window)
        {
            Resize(_peer.InitialWindow - window);
        }

        if (isFirst)
        {
            Transport.Disarm();
            if (ActiveExchanges > 0)
            {
                ArmNext();
            }
        }

        if (isFirst && _early.Count > 0)
        {
            // Behind that: they begin with the new window.
            DecideEarly();
        }

        if (_peer.MaxStreams > before)
        {
            _owner.OnFreeSlots();
        }
    }

    private void DecideEarly()
    {
        if (!_peer.AllowsConnectProtocol)
        {
            _early.ForEach(stream => stream.RefuseLater());
            return;
        }

        _early.ForEach(stream => Open(stream, endStream: true, connects: true));
        _early.Clear();
    }

    private void Resize(int difference)
    {
        foreach (var stream in _streams.Values)
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
            Answer(FrameType.Ping, payload);
        }
    }

    private void OnGoAway(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        FrameRules.CheckConnection(frame);
        if (payload.Length < 8)
        {
            throw new Http2Exception(Http2Error.FrameSize, "GOAWAY of a wrong size");
        }

        int last = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        var code = (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]);
        _counts.OnGoAway();
        _owner.OnCloseNotice();
        _state |= State.Draining;
        _reason = code == Http2Error.None ? "" : $"the peer said {code}";
        _owner.OnDraining();
        foreach (var stream in _streams.Values.Where(stream => stream.Id > last).ToList())
        {
            if (_streams.Remove(stream.Id))
            {
                Sender.Remove(stream);
                stream.Fail(new UpstreamFailure(ResetReason.StreamReset, 0, NothingSent: true, WasReused: true, ResponseBegun: false, null) { Code = (uint)Http2Error.RefusedStream });
            }
        }

        CloseIfDone();
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
        if (_streams.TryGetValue(frame.StreamId, out var stream))
        {
            var wrong = Sender.Grow(stream, more);
            if (wrong != Http2Error.None)
            {
                Break(stream, wrong);
            }
        }
    }

    // We end a stream on which the peer did something wrong.
    private void Break(Http2ClientStream stream, Http2Error code)
    {
        if (_streams.Remove(stream.Id))
        {
            WriteReset(stream.Id, code);
            Sender.Remove(stream);
            Tell(stream, new UpstreamFailure(ResetReason.ProtocolError, 0, NothingSent: false, WasReused: false, stream.HasHead, null));
        }
    }

    private void Tell(Http2ClientStream stream, UpstreamFailure failure)
    {
        stream.Fail(failure);
        if (Has(State.Draining))
        {
            CloseIfDone();
        }
        else if (!Transport.IsClosed)
        {
            _owner.OnFreeSlots();
        }
    }

    private void Answer(FrameType type, ReadOnlySpan<byte> payload)
    {
        if (Transport.PendingOutput > MaxUnsentAnswers && Transport.IsWriteBlocked)
        {
            throw new Http2Exception(Http2Error.EnhanceYourCalm, "it asks and does not read the answers");
        }

        FrameWriter.Write(Transport, type, (FrameFlags)FrameHeader.Ack, 0, payload);
    }

    // Closing drops what waits, so what we have to say goes first.
    private void Farewell(Http2Exception e)
    {
        _reason = $"{e.Message} ({e.Code})";
        WriteGoAway(e.Code);
        _state |= State.Draining | State.Failed;
        _owner.OnDraining();
        Transport.PauseReading();
        Transport.CloseWhenWritten(drain: false);
        Transport.Arm(FarewellMilliseconds);
    }
}
