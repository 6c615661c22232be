using System.Buffers;
using System.Buffers.Binary;
using Outrider.Http.Messages;
using Outrider.Http.V2.Framing;

namespace Outrider.Http.V2.Client;

/// <content>The requests' way out, as far as the peer's windows let it.</content>
public sealed partial class Http2ClientConnection
{
    private void SendHead(int id, RequestHead request, bool isHttps, bool endStream)
    {
        int size = RequestFields.MaxLength(request);
        byte[]? rented = size > 1024 ? ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> block = rented ?? stackalloc byte[1024];
        int length = RequestFields.Write(block, request, isHttps);
        FrameWriter.WriteBlock(Transport, id, block[..length], endStream);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // As much as the windows allow; returns how much that was.
    private int SendBody(Http2ClientStream stream, ReadOnlySpan<byte> body)
    {
        int sent = 0;
        while (sent < body.Length)
        {
            int count = (int)Math.Min(Math.Min(body.Length - sent, FrameHeader.DefaultMaxLength), Math.Min(_sendWindow.Left, stream.SendWindow.Left));
            if (count <= 0)
            {
                break;
            }

            FrameWriter.Write(Transport, FrameType.Data, sent + count == body.Length ? FrameFlags.EndStream : FrameFlags.None, stream.Id, body.Slice(sent, count));
            sent += count;
            _sendWindow.Use(count);
            stream.SendWindow.Use(count);
        }

        return sent;
    }

    private void SendWaiting(Http2ClientStream stream)
    {
        if (!stream.Waiting.IsEmpty)
        {
            stream.Sent(SendBody(stream, stream.Waiting));
        }
    }

    private void OnWindowUpdate(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        FrameRules.CheckLength(payload, 4);
        int more = (int)(BinaryPrimitives.ReadUInt32BigEndian(payload) & int.MaxValue);
        if (frame.StreamId == 0)
        {
            GrowAll(more);
            return;
        }

        CheckStream(frame.StreamId);
        if (_streams.TryGetValue(frame.StreamId, out var stream))
        {
            var wrong = stream.SendWindow.Grow(more);
            if (wrong != Http2Error.None)
            {
                Reset(stream, wrong);
                return;
            }

            SendWaiting(stream);
        }
    }

    private void GrowAll(int more)
    {
        var wrong = _sendWindow.Grow(more);
        if (wrong != Http2Error.None)
        {
            throw new Http2Exception(wrong, more == 0 ? "a window that grows by nothing" : "a window larger than there is");
        }

        foreach (var stream in _streams.Values)
        {
            SendWaiting(stream);
        }
    }

    // What the peer takes of a stream that begins counts for those that have begun (RFC 9113 §6.9.2).
    private void Resize(int difference)
    {
        foreach (var stream in _streams.Values)
        {
            if (!stream.SendWindow.Resize(difference))
            {
                throw new Http2Exception(Http2Error.FlowControl, "a window larger than there is");
            }

            SendWaiting(stream);
        }
    }
}
