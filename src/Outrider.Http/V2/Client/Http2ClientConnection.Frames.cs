using System.Buffers;
using System.Buffers.Binary;

namespace Outrider.Http.V2;

/// <content>What the server sends.</content>
public sealed partial class Http2ClientConnection
{
    // A header block that came in several frames, and what its first one said.
    private byte[]? _block;
    private int _blockLength;
    private int _blockStream;
    private bool _blockEndsStream;

    /// <inheritdoc/>
    protected override int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        try
        {
            while (!IsClosed && _frames.Read(ref data, out var payload))
            {
                OnFrame(_frames.Frame, payload);
            }
        }
        catch (Http2Exception e)
        {
            _reason = $"{e.Message} ({e.Code})";
            Farewell(e.Code);
        }

        return length;
    }

    // Closing drops what waits, so what we have to say goes first.
    private void Farewell(Http2Error code)
    {
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(payload, (uint)code);
        WriteFrame(FrameType.GoAway, FrameFlags.None, 0, payload);
        _goAway = true;
        PauseReading();
        CloseWhenWritten(drain: false);
        Loop.Arm(this, FarewellMilliseconds);
    }

    private void OnFrame(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (!_settled && frame.Type != FrameType.Settings)
        {
            throw Protocol("the first frame is not SETTINGS");
        }

        if (_block is not null && frame.Type != FrameType.Continuation)
        {
            throw Protocol("a header block is interrupted");
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
                throw Protocol("a push, which was not allowed");
            case FrameType.Priority:
            default:
                break;
        }
    }

    private void OnData(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckStream(frame.StreamId);
        if (frame.Has(FrameFlags.Padded))
        {
            Take(frame.StreamId, payload.Length);
            Deliver(frame, Unpad(payload, 0), last: true);
        }
        else
        {
            Take(frame.StreamId, payload.Length);
            Deliver(frame, payload, last: !_frames.HasMore);
        }
    }

    // Everything that comes counts (RFC 9113 §6.9.1), for a stream that is not wanted any more too.
    private void Take(int id, int count)
    {
        _receiveWindow -= count;
        if (_receiveWindow < 0)
        {
            throw new Http2Exception(Http2Error.FlowControl, "more than the connection's window");
        }

        if (_receiveWindow < ReceiveWindow / 2)
        {
            SendWindowUpdate(0, ReceiveWindow - _receiveWindow);
            _receiveWindow = ReceiveWindow;
        }

        if (_streams.TryGetValue(id, out var stream) && (stream.ReceiveWindow -= count) < 0)
        {
            throw new Http2Exception(Http2Error.FlowControl, "more than a stream's window");
        }
    }

    private void Deliver(FrameHeader frame, ReadOnlySpan<byte> data, bool last)
    {
        if (!_streams.TryGetValue(frame.StreamId, out var stream))
        {
            return;
        }

        if (!stream.HasHead)
        {
            Reset(stream, Http2Error.Protocol);
            return;
        }

        bool end = last && frame.Has(FrameFlags.EndStream);
        stream.Received += data.Length;
        if (!HasPromisedLength(stream, end))
        {
            Reset(stream, Http2Error.Protocol);
            return;
        }

        if (!end && stream.ReceiveWindow < ReceiveWindow / 2)
        {
            SendWindowUpdate(stream.Id, ReceiveWindow - stream.ReceiveWindow);
            stream.ReceiveWindow = ReceiveWindow;
        }

        if (end)
        {
            End(stream);
        }

        if (end || !data.IsEmpty)
        {
            stream.Receiver.OnResponseData(data, end);
        }
    }

    private void OnHeaders(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckStream(frame.StreamId);
        if (frame.Has(FrameFlags.Padded))
        {
            payload = Unpad(payload, frame.Has(FrameFlags.Priority) ? 5 : 0);
        }
        else if (frame.Has(FrameFlags.Priority))
        {
            payload = payload.Length >= 5 ? payload[5..] : throw new Http2Exception(Http2Error.FrameSize, "HEADERS without the priority that it announces");
        }

        if (frame.Has(FrameFlags.EndHeaders))
        {
            OnBlock(frame.StreamId, frame.Has(FrameFlags.EndStream), payload);
            return;
        }

        _block = ArrayPool<byte>.Shared.Rent(_limits.MaxHeaderBytes);
        _blockLength = 0;
        _blockStream = frame.StreamId;
        _blockEndsStream = frame.Has(FrameFlags.EndStream);
        Gather(payload);
    }

    private void OnContinuation(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (_block is null || frame.StreamId != _blockStream)
        {
            throw Protocol("CONTINUATION of nothing");
        }

        Gather(payload);
        if (frame.Has(FrameFlags.EndHeaders))
        {
            OnBlock(_blockStream, _blockEndsStream, _block.AsSpan(0, _blockLength));
            DropBlock();
        }
        else if (payload.IsEmpty)
        {
            // An endless row of them would cost us and say nothing.
            throw new Http2Exception(Http2Error.EnhanceYourCalm, "an empty CONTINUATION");
        }
    }

    private void Gather(ReadOnlySpan<byte> payload)
    {
        if (_blockLength + payload.Length > _limits.MaxHeaderBytes)
        {
            throw new Http2Exception(Http2Error.EnhanceYourCalm, $"a header block of more than {_limits.MaxHeaderBytes} bytes");
        }

        payload.CopyTo(_block.AsSpan(_blockLength));
        _blockLength += payload.Length;
    }

    private void DropBlock()
    {
        if (_block is not null)
        {
            ArrayPool<byte>.Shared.Return(_block);
            _block = null;
        }
    }

    private void OnBlock(int id, bool endStream, ReadOnlySpan<byte> block)
    {
        if (!_streams.TryGetValue(id, out var stream))
        {
            _fields.Skip(block);
            return;
        }

        if (stream.HasHead)
        {
            string? fault = _fields.ReadTrailers(block, stream.Receiver.ResponseTrailers);
            if (fault is not null || !endStream || !HasPromisedLength(stream, end: true))
            {
                Reset(stream, Http2Error.Protocol);
                return;
            }

            End(stream);
            stream.Receiver.OnResponseTrailers();
            return;
        }

        var head = stream.Receiver.ResponseHead;
        string? wrong = _fields.ReadHead(block, head);
        bool informational = head.Status is >= 100 and < 200;
        if (wrong is not null || (endStream && !HasPromisedLength(stream, end: true)) || (informational && (endStream || head.Status == 101 || ++stream.Informational > MostInformational)))
        {
            Reset(stream, Http2Error.Protocol);
        }
        else if (informational)
        {
            stream.Receiver.OnInformational();
        }
        else
        {
            stream.HasHead = true;
            if (endStream)
            {
                End(stream);
            }

            stream.Receiver.OnResponseHead(endStream);
        }
    }

    private void OnReset(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckStream(frame.StreamId);
        CheckLength(payload, 4);
        if (_streams.Remove(frame.StreamId, out var stream))
        {
            var code = (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload);
            Ended(stream);
            stream.Receiver.OnUpstreamReset(new UpstreamFailure(
                ResetReason.StreamReset, 0, NothingSent: code == Http2Error.RefusedStream, WasReused: false, stream.HasHead, null) { Code = code });
        }
    }

    private void OnSettings(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckConnection(frame.StreamId);
        if (frame.IsAnswer)
        {
            CheckLength(payload, 0);
            return;
        }

        if (payload.Length % 6 != 0)
        {
            throw new Http2Exception(Http2Error.FrameSize, "SETTINGS of a wrong size");
        }

        _settled = true;
        int before = _peerMaxStreams;
        for (; !payload.IsEmpty; payload = payload[6..])
        {
            Apply((SettingId)BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt32BigEndian(payload[2..]));
        }

        Answer(FrameType.Settings, default);
        if (_peerMaxStreams > before)
        {
            _owner.OnRoom(this);
        }
    }

    private void Apply(SettingId id, uint value)
    {
        switch (id)
        {
            case SettingId.EnablePush when value > 0:
                throw Protocol("a server that would be pushed to");
            case SettingId.MaxConcurrentStreams:
                _peerMaxStreams = (int)Math.Min(value, int.MaxValue);
                break;
            case SettingId.MaxFrameSize:
                _peerMaxFrame = value is >= FrameHeader.DefaultMaxLength and <= 0xffffff
                    ? FrameHeader.DefaultMaxLength
                    : throw Protocol($"SETTINGS_MAX_FRAME_SIZE {value}");
                break;
            case SettingId.InitialWindowSize when value > int.MaxValue:
                throw new Http2Exception(Http2Error.FlowControl, $"SETTINGS_INITIAL_WINDOW_SIZE {value}");
            case SettingId.InitialWindowSize:
                Resize((int)value);
                break;
            default:
                // Our encoder has no table, and we send few and short fields.
                break;
        }
    }

    private void Resize(int window)
    {
        long more = (long)window - _peerStreamWindow;
        _peerStreamWindow = window;
        foreach (var stream in _streams.Values)
        {
            stream.SendWindow = stream.SendWindow + more is <= int.MaxValue and var size
                ? size
                : throw new Http2Exception(Http2Error.FlowControl, "a window larger than there is");
            SendWaiting(stream);
        }
    }

    private void OnPing(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckConnection(frame.StreamId);
        CheckLength(payload, 8);
        if (!frame.IsAnswer)
        {
            Answer(FrameType.Ping, payload);
        }
    }

    private void OnGoAway(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckConnection(frame.StreamId);
        if (payload.Length < 8)
        {
            throw new Http2Exception(Http2Error.FrameSize, "GOAWAY of a wrong size");
        }

        int last = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        var code = (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]);
        _goAway = true;
        _owner.OnGoAway(this);
        foreach (var stream in _streams.Values.Where(stream => stream.Id > last).ToList())
        {
            _ = _streams.Remove(stream.Id);
            stream.Drop();
            stream.Receiver.OnUpstreamReset(new UpstreamFailure(ResetReason.StreamReset, 0, NothingSent: true, WasReused: true, ResponseBegun: false, null) { Code = Http2Error.RefusedStream });
        }

        if (_streams.Count == 0)
        {
            _reason = code == Http2Error.None ? "" : $"the peer said {code}";
            Close();
        }
    }

    private void OnWindowUpdate(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckLength(payload, 4);
        int more = (int)(BinaryPrimitives.ReadUInt32BigEndian(payload) & int.MaxValue);
        if (frame.StreamId != 0)
        {
            CheckStream(frame.StreamId);
            if (_streams.TryGetValue(frame.StreamId, out var stream))
            {
                stream.SendWindow += more;
                if (more == 0 || stream.SendWindow > int.MaxValue)
                {
                    Reset(stream, more == 0 ? Http2Error.Protocol : Http2Error.FlowControl);
                    return;
                }

                SendWaiting(stream);
            }

            return;
        }

        _sendWindow += more;
        if (more == 0 || _sendWindow > int.MaxValue)
        {
            throw more == 0 ? Protocol("a window that grows by nothing") : new Http2Exception(Http2Error.FlowControl, "a window larger than there is");
        }

        foreach (var stream in _streams.Values)
        {
            SendWaiting(stream);
        }
    }

    // The response is complete.
    private void End(Http2ClientStream stream)
    {
        _ = _streams.Remove(stream.Id);
        if (!stream.Waiting.IsEmpty)
        {
            // An answer before the whole request was sent: the rest is not wanted (RFC 9113 §8.1).
            SendReset(stream.Id, Http2Error.Cancel);
        }

        Ended(stream);
    }

    // We end a stream on which the peer did something wrong.
    private void Reset(Http2ClientStream stream, Http2Error code)
    {
        _ = _streams.Remove(stream.Id);
        SendReset(stream.Id, code);
        Ended(stream);
        stream.Receiver.OnUpstreamReset(new UpstreamFailure(ResetReason.ProtocolError, 0, NothingSent: false, WasReused: false, stream.HasHead, null));
    }

    private void Ended(Http2ClientStream stream)
    {
        stream.Drop();
        if (_goAway && _streams.Count == 0)
        {
            Close();
        }
        else
        {
            _owner.OnRoom(this);
        }
    }

    // RFC 9113 §8.1.1: a body that differs from its content-length is malformed, but where there is none by definition.
    private static bool HasPromisedLength(Http2ClientStream stream, bool end)
    {
        long length = stream.Receiver.ResponseHead.ContentLength;
        return length < 0
            || stream.Received == length
            || (end ? stream.Received == 0 && (stream.IsHead || stream.Receiver.ResponseHead.Status == 304) : stream.Received < length);
    }

    private void Answer(FrameType type, ReadOnlySpan<byte> payload)
    {
        if (PendingOutput > MostUnsentAnswers && IsWriteBlocked)
        {
            throw new Http2Exception(Http2Error.EnhanceYourCalm, "it asks and does not read the answers");
        }

        WriteFrame(type, (FrameFlags)FrameHeader.Ack, 0, payload);
    }

    private static ReadOnlySpan<byte> Unpad(ReadOnlySpan<byte> payload, int before)
        => payload.Length > before && payload[0] <= payload.Length - 1 - before
            ? payload[(1 + before)..^payload[0]]
            : throw Protocol("more padding than frame");

    private void CheckStream(int id)
    {
        if (id == 0 || id % 2 == 0 || id >= _nextId)
        {
            throw Protocol($"a frame on stream {id}");
        }
    }

    private static void CheckConnection(int id)
    {
        if (id != 0)
        {
            throw Protocol($"a frame for the connection on stream {id}");
        }
    }

    private static void CheckLength(ReadOnlySpan<byte> payload, int length)
    {
        if (payload.Length != length)
        {
            throw new Http2Exception(Http2Error.FrameSize, $"a frame of {payload.Length} bytes that must have {length}");
        }
    }

    private static Http2Exception Protocol(string what) => new(Http2Error.Protocol, what);
}
