using System.Buffers.Binary;
using Outrider.Http.Streams;
using Outrider.Http.V2.Framing;

namespace Outrider.Http.V2.Client;

/// <content>The responses' way in: heads, bodies and trailers of the streams, each to its receiver.</content>
public sealed partial class Http2ClientConnection
{
    private const int MostInformational = 16;

    private void OnData(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckStream(frame.StreamId);
        Take(frame.StreamId, payload.Length);
        Deliver(frame, FrameRules.Data(frame, payload), last: !_frames.HasMore);
    }

    // Everything that comes counts (RFC 9113 §6.9.1), for a stream that is not wanted any more too.
    private void Take(int id, int count)
    {
        if (!_receiveWindow.Take(count))
        {
            throw new Http2Exception(Http2Error.FlowControl, "more than the connection's window");
        }

        if (_receiveWindow.Refill() is > 0 and var more)
        {
            FrameWriter.WriteWindowUpdate(Transport, 0, more);
        }

        if (_streams.TryGetValue(id, out var stream) && !stream.ReceiveWindow.Take(count))
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
        if (!stream.KeepsLength(end))
        {
            Reset(stream, Http2Error.Protocol);
            return;
        }

        if (!end && stream.ReceiveWindow.Refill() is > 0 and var more)
        {
            FrameWriter.WriteWindowUpdate(Transport, stream.Id, more);
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
        var fragment = FrameRules.Fragment(frame, payload);
        if (frame.Has(FrameFlags.EndHeaders))
        {
            OnBlock(frame.StreamId, frame.Has(FrameFlags.EndStream), fragment);
            return;
        }

        _block.Begin(frame, _limits.MaxHeaderBytes);
        _block.Add(fragment, _limits.MaxHeaderBytes);
    }

    private void OnContinuation(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (!_block.IsOpen || frame.StreamId != _block.StreamId)
        {
            throw Http2Exception.Protocol("CONTINUATION of nothing");
        }

        _block.Add(payload, _limits.MaxHeaderBytes);
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
        else if (stream.HasHead)
        {
            OnTrailers(stream, endStream, block);
        }
        else
        {
            OnHead(stream, endStream, block);
        }
    }

    private void OnHead(Http2ClientStream stream, bool endStream, ReadOnlySpan<byte> block)
    {
        var head = stream.Receiver.ResponseHead;
        string? wrong = _fields.ReadHead(block, head);
        bool informational = head.Status is >= 100 and < 200;
        if (wrong is not null || (endStream && !stream.KeepsLength(end: true)) || (informational && (endStream || head.Status == 101 || ++stream.Informational > MostInformational)))
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

    private void OnTrailers(Http2ClientStream stream, bool endStream, ReadOnlySpan<byte> block)
    {
        string? wrong = _fields.ReadTrailers(block, stream.Receiver.ResponseTrailers);
        if (wrong is not null || !endStream || !stream.KeepsLength(end: true))
        {
            Reset(stream, Http2Error.Protocol);
            return;
        }

        End(stream);
        stream.Receiver.OnResponseTrailers();
    }

    private void OnReset(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckStream(frame.StreamId);
        FrameRules.CheckLength(payload, 4);
        if (_streams.Remove(frame.StreamId, out var stream))
        {
            var code = (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload);
            Ended(stream);
            stream.Receiver.OnUpstreamReset(new UpstreamFailure(
                ResetReason.StreamReset, 0, NothingSent: code == Http2Error.RefusedStream, WasReused: false, stream.HasHead, null) { Code = code });
        }
    }
}
