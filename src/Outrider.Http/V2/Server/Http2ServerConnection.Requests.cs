using System.Buffers.Binary;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.Framing;

namespace Outrider.Http.V2.Server;

/// <content>The requests' way in: heads, bodies and trailers, each to its stream; and those that are refused.</content>
public sealed partial class Http2ServerConnection
{
    private void OnData(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckStream(frame.StreamId);
        // Everything that comes counts, for a stream that is not wanted any more too (RFC 9113 §6.9.1).
        if (!_window.Arrive(payload.Length))
        {
            throw new Http2Exception(Http2Error.FlowControl, "more than the connection's window");
        }

        var data = FrameRules.Data(frame, payload);
        bool end = !_frames.HasMore && frame.Has(FrameFlags.EndStream);
        if (data.IsEmpty && !end)
        {
            _guard.OnIdleFrame(Now);
        }

        if (_streams.Find(frame.StreamId) is not { IsGone: false } stream)
        {
            TookData(payload.Length);
            OnLateFrame(frame.StreamId);
            return;
        }

        if (stream.IsRequestEnded)
        {
            TookData(payload.Length);
            GiveUp(stream, Http2Error.StreamClosed, null);
            return;
        }

        bool lingered = stream.Lingers;
        var wrong = stream.OnData(data, payload.Length, end, Limits.MaxRequestBody);
        if (lingered && wrong == Http2Error.None)
        {
            if (stream.Lingers)
            {
                StopRequest(stream);
            }

            EndIfOver(stream);
        }
        else if (wrong != Http2Error.None)
        {
            TookData(payload.Length);
            GiveUp(stream, wrong, wrong == Http2Error.Protocol ? Http2Errors.LengthMismatch : null);
        }
    }

    // Of a stream that has ended: passed over where the client could not know, otherwise its fault (RFC 9113 §5.1, "closed").
    private void OnLateFrame(int id)
    {
        if (_closed.WasReset(id) || _streams.Find(id) is { IsRequestEnded: false })
        {
            return;
        }

        if (_closed.IsEnded(id))
        {
            throw new Http2Exception(Http2Error.StreamClosed, "a frame on a stream that has ended");
        }

        _guard.OnReset(Now);
        WriteReset(id, Http2Error.StreamClosed);
    }

    private void OnHeaders(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (frame.StreamId == 0 || frame.StreamId % 2 == 0)
        {
            throw Http2Exception.Protocol($"HEADERS on stream {frame.StreamId}");
        }

        var fragment = FrameRules.Fragment(frame, payload);
        _state &= ~State.SelfDependent;
        if (frame.Has(FrameFlags.Priority)
            && (BinaryPrimitives.ReadInt32BigEndian(payload[(frame.Has(FrameFlags.Padded) ? 1 : 0)..]) & int.MaxValue) == frame.StreamId)
        {
            _state |= State.SelfDependent;
        }

        if (frame.Has(FrameFlags.EndHeaders))
        {
            OnBlock(frame.StreamId, frame.Has(FrameFlags.EndStream), fragment);
            return;
        }

        _block.Begin(frame, fragment, Limits.MaxHeaderBytes);
    }

    private void OnContinuation(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        _block.Continue(frame, payload, Limits.MaxHeaderBytes);
        if (frame.Has(FrameFlags.EndHeaders))
        {
            try
            {
                OnBlock(_block.StreamId, _block.EndsStream, _block.Bytes);
            }
            finally
            {
                _block.Drop();
            }
        }
        else if (payload.Length < 64)
        {
            // A long row of short ones costs us and says little (CVE-2024-27316).
            _guard.OnIdleFrame(Now);
        }
    }

    private void OnBlock(int id, bool endStream, ReadOnlySpan<byte> block)
    {
        if (_streams.Find(id) is { IsGone: false } stream)
        {
            OnTrailers(stream, endStream, block);
        }
        else if (id <= _lastId)
        {
            _decoder.Skip(block);
            if (!_closed.WasReset(id) && _streams.Find(id) is null)
            {
                throw new Http2Exception(_closed.IsEnded(id) ? Http2Error.StreamClosed : Http2Error.Protocol, $"HEADERS on stream {id}, which is over");
            }
        }
        else
        {
            _lastId = id;
            _guard.OnStream();
            _handler.Http2Counts.OnStream();
            if (Has(State.Drained))
            {
                // The client was told that these are not served, and sends them again elsewhere.
                _decoder.Skip(block);
            }
            else if (_streams.Count >= _limits.MaxConcurrentStreams)
            {
                _decoder.Skip(block);
                _guard.OnReset(Now);
                WriteReset(id, Http2Error.RefusedStream);
                _closed.Add(id, wasReset: true);
            }
            else
            {
                Begin(id, endStream, block);
            }
        }
    }

    private void Begin(int id, bool endStream, ReadOnlySpan<byte> block)
    {
        var client = StreamPool.Rent();
        var stream = _handler.RentStream();
        client.Begin(this, stream, id, _peer.InitialWindow, _limits.StreamWindow, Now);
        stream.OnBegin();
        var fields = RequestFieldReader.For(_decoder, Limits, _limits);
        ProtocolError? error;
        try
        {
            error = fields.ReadHead(block, stream.Request, endStream);
        }
        catch (Http2Exception)
        {
            _handler.ReturnUnused(stream);
            client.Release();
            StreamPool.Return(client);
            throw;
        }

        bool isMalformed = fields.IsMalformed || Has(State.SelfDependent);
        if (error is null && !isMalformed)
        {
            _streams.Add(client);
            if (_streams.Count == 1)
            {
                ArmNext();
            }

            client.OnHead(endStream);
            return;
        }

        error ??= Http2Errors.PseudoField;
        client.Release();
        StreamPool.Return(client);
        _handler.OnProtocolError(Transport, stream, error);
        _handler.ReturnRefused(stream, error);
        _closed.Add(id, wasReset: !endStream);
        if (!isMalformed)
        {
            ResponseFieldWriter.WriteRefusal(Transport, id, error, fields.IsGrpc);
        }

        if (isMalformed || !endStream)
        {
            WriteReset(id, isMalformed ? Http2Error.Protocol : Http2Error.None);
        }

        _guard.OnReset(Now);
    }

    private void OnTrailers(Http2ServerStream stream, bool endStream, ReadOnlySpan<byte> block)
    {
        bool wasEnded = stream.IsRequestEnded;
        if (stream.IsTunnel && !wasEnded)
        {
            _decoder.Skip(block);
            GiveUp(stream, Http2Error.Protocol, FramingErrors.TrailerField);
            return;
        }

        if (!wasEnded && endStream && stream.TrailersToRead is { } trailers)
        {
            if (RequestFieldReader.For(_decoder, Limits, _limits).ReadTrailers(block, trailers) is { } error)
            {
                trailers.Clear();
                GiveUp(stream, Http2Error.Protocol, error);
                return;
            }
        }
        else
        {
            _decoder.Skip(block);
        }

        if (wasEnded)
        {
            GiveUp(stream, Http2Error.StreamClosed, null);
        }
        else if (!endStream)
        {
            GiveUp(stream, Http2Error.Protocol, FramingErrors.TrailerField);
        }
        else if (!stream.OnTrailers())
        {
            GiveUp(stream, Http2Error.Protocol, Http2Errors.LengthMismatch);
        }
        else
        {
            EndIfOver(stream);
        }
    }

    private void OnReset(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckStream(frame.StreamId);
        FrameRules.CheckLength(payload, 4);
        _handler.Http2Counts.OnReset(BinaryPrimitives.ReadUInt32BigEndian(payload));
        if (_streams.Find(frame.StreamId) is { IsGone: false } stream)
        {
            Sender.Remove(stream);
            if (!stream.Lingers)
            {
                // Before the stream is told: what it costs to begin and drop streams has been spent.
                _guard.OnReset(Now);
            }

            stream.OnClientReset();
        }
        else
        {
            _streams.Find(frame.StreamId)?.MarkRequestEnded();
            _closed.OnPeerReset(frame.StreamId);
        }
    }

    private void EndIfOver(Http2ServerStream stream)
    {
        if (stream.IsOver)
        {
            OnStreamDone(stream);
        }
    }

    /// <summary>Resets a stream for what the client sent; its user is told.</summary>
    private void GiveUp(Http2ServerStream stream, Http2Error code, ProtocolError? error)
    {
        ResetStream(stream, code);
        stream.OnReset(error is null ? ResetReason.StreamReset : ResetReason.ProtocolError, error);
        _guard.OnReset(Now);
    }

    /// <summary>Resets a stream that may not be there.</summary>
    private void ResetFor(int id, Http2Error code)
    {
        if (_streams.Find(id) is { IsGone: false } stream)
        {
            GiveUp(stream, code, null);
        }
        else
        {
            WriteReset(id, code);
        }
    }
}
