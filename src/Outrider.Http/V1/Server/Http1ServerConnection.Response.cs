using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Streams;

namespace Outrider.Http.V1.Server;

/// <content>The response's way out.</content>
public sealed partial class Http1ServerConnection
{
    /// <inheritdoc/>
    public void SendInformational(ResponseHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (_stream is null || _stream.Request.MinorVersion == 0 || (_state & State.ResponseBegun) != 0)
        {
            return;
        }

        if (head.Status == 100)
        {
            SendContinue();
            return;
        }

        if (!InterimOutput.MayFollow(Transport))
        {
            return;
        }

        var writer = new HeadWriter(Transport);
        writer.WriteStatusLine(head.Status, head.Reason);
        writer.WriteFields(head.Fields);
        writer.Write("\r\n"u8);
        writer.End();
    }

    /// <inheritdoc/>
    public void SendContinue()
    {
        if (_stream is { Request.ExpectsContinue: true } && (_state & (State.ContinueSent | State.ResponseBegun)) == 0)
        {
            _state |= State.ContinueSent;
            Transport.Write("HTTP/1.1 100 Continue\r\n\r\n"u8);
        }
    }

    /// <inheritdoc/>
    public void SendHead(ResponseHead head, bool endStream)
    {
        ArgumentNullException.ThrowIfNull(head);
        var stream = _stream!;
        var reader = stream.Http1;
        var request = stream.Request;
        _state |= State.ResponseBegun;
        var writer = new HeadWriter(Transport);
        writer.WriteStatusLine(head.Status, head.Reason);
        writer.WriteFields(head.Fields);

        if (head.Status == 101)
        {
            BeginTunnel(ref writer, reader);
            return;
        }

        var content = ResponseContent.Of(head.Status, stream.AnswersHead);
        if (!content.IsAllowed)
        {
            _state |= State.NoBody;
            if (content.Announce(head.ContentLength, endStream) is >= 0 and var length)
            {
                writer.WriteContentLength(length);
            }
        }
        else if (head.Framing == BodyFraming.Length || endStream)
        {
            reader.ResponseLeft = content.Announce(head.ContentLength, endStream);
            writer.WriteContentLength(reader.ResponseLeft);
        }
        else if (request.MinorVersion > 0)
        {
            _state |= State.Chunked;
            writer.Write("transfer-encoding: chunked\r\n"u8);
        }
        else
        {
            // HTTP/1.0 knows no chunks: the connection's end is the body's.
            _state &= ~State.KeepAlive;
        }

        // A request that is not all here could be taken for the next one; the connection ends with this response.
        if (_handler.IsDraining || reader.Phase != RequestPhase.Complete || ((_state & State.KeepAlive) != 0 && _handler.TakesPlace()))
        {
            _state &= ~State.KeepAlive;
        }

        if ((_state & State.KeepAlive) == 0)
        {
            writer.Write("connection: close\r\n\r\n"u8);
        }
        else if (request.MinorVersion == 0)
        {
            writer.Write("connection: keep-alive\r\n\r\n"u8);
        }
        else
        {
            writer.Write("\r\n"u8);
        }

        writer.End();
        if (endStream)
        {
            _state |= State.ResponseDone;
        }
    }

    /// <inheritdoc/>
    public void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_stream is null || (_state & State.ResponseDone) != 0)
        {
            return;
        }

        var reader = _stream.Http1;
        reader.ResponseBytes += data.Length;
        if ((_state & State.NoBody) != 0)
        {
            data = default;
        }
        else if ((_state & State.Chunked) != 0)
        {
            ChunkWriter.Write(Transport, data);
            if (endStream)
            {
                ChunkWriter.WriteEnd(Transport);
            }
        }
        else
        {
            if (reader.ResponseLeft >= 0)
            {
                if (data.Length > reader.ResponseLeft)
                {
                    // More than was announced would be read as the next response.
                    data = data[..(int)reader.ResponseLeft];
                    _state &= ~State.KeepAlive;
                }

                reader.ResponseLeft -= data.Length;
            }

            Transport.Write(data);
        }

        if (reader.Phase == RequestPhase.Tunnel)
        {
            if (endStream)
            {
                Transport.ShutdownWhenWritten();
            }
            else if (!Transport.IsWriteBlocked)
            {
                ArmIdle();
            }

            return;
        }

        if (endStream)
        {
            if (reader.ResponseLeft > 0)
            {
                // Less than was announced: only the connection's end can say so.
                Reset();
                return;
            }

            _state |= State.ResponseDone;
        }
    }

    /// <inheritdoc/>
    public void SendTrailers(HeaderBlock trailers)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        if ((_state & State.Chunked) == 0)
        {
            SendData(default, endStream: true);
            return;
        }

        ChunkWriter.WriteEnd(Transport, trailers);
        _state |= State.ResponseDone;
    }

    private void BeginTunnel(ref HeadWriter writer, Http1RequestReader reader)
    {
        writer.Write("connection: upgrade\r\n\r\n"u8);
        writer.End();
        reader.Phase = RequestPhase.Tunnel;
        Transport.ResumeReading();
        ArmIdle();
    }
}
