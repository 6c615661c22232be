using System.Buffers.Binary;
using Outrider.Http.Streams;
using Outrider.Http.V2.Framing;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Client;

/// <content>What the server sends, frame by frame, and what of it is about the connection.</content>
public sealed partial class Http2ClientConnection
{
    // One that makes us answer pings and takes no answers is not served on.
    private const int MostUnsentAnswers = 64 * 1024;

    private const int FarewellMilliseconds = 1000;

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        try
        {
            while (!Transport.IsClosed && _frames.Read(ref data, out var payload))
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

    private void OnFrame(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (!_settled && frame.Type != FrameType.Settings)
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
            case FrameType.Priority:
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

    private void OnSettings(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        FrameRules.CheckConnection(frame);
        if (frame.IsAnswer)
        {
            FrameRules.CheckLength(payload, 0);
            return;
        }

        if (payload.Length % 6 != 0)
        {
            throw new Http2Exception(Http2Error.FrameSize, "SETTINGS of a wrong size");
        }

        _settled = true;
        int before = _peer.MaxStreams;
        for (; !payload.IsEmpty; payload = payload[6..])
        {
            int window = _peer.InitialWindow;
            _peer.Apply((SettingId)BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt32BigEndian(payload[2..]));
            if (_peer.InitialWindow != window)
            {
                Resize(_peer.InitialWindow - window);
            }
        }

        Answer(FrameType.Settings, default);
        if (_peer.MaxStreams > before)
        {
            _owner.OnRoom(this);
        }
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
            Transport.Close();
        }
    }

    private void Answer(FrameType type, ReadOnlySpan<byte> payload)
    {
        if (Transport.PendingOutput > MostUnsentAnswers && Transport.IsWriteBlocked)
        {
            throw new Http2Exception(Http2Error.EnhanceYourCalm, "it asks and does not read the answers");
        }

        FrameWriter.Write(Transport, type, (FrameFlags)FrameHeader.Ack, 0, payload);
    }

    // Closing drops what waits, so what we have to say goes first.
    private void Farewell(Http2Error code)
    {
        FrameWriter.WriteGoAway(Transport, code);
        _goAway = true;
        Transport.PauseReading();
        Transport.CloseWhenWritten(drain: false);
        Transport.Arm(FarewellMilliseconds);
    }
}
