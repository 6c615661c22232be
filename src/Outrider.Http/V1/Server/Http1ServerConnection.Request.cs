using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V1.Parsing;
using Outrider.Http.V2.Server;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Server;

/// <content>The request's way in: its head, then its body, piece by piece, to the stream.</content>
public sealed partial class Http1ServerConnection
{
    /// <inheritdoc/>
    public void PauseRequest()
    {
        if (_stream is not { Http1.Phase: RequestPhase.Body or RequestPhase.Tunnel })
        {
            // Nothing of this request is to come; the timer may be watching a client that has shut down.
            return;
        }

        Transport.PauseReading();
        _stream.Http1.Pace.Pause(Loop.Now);
        if (!Transport.IsWriteBlocked)
        {
            Transport.Disarm();
        }
    }

    /// <inheritdoc/>
    public void ResumeRequest()
    {
        if (_stream is not { Http1.Phase: RequestPhase.Body or RequestPhase.Tunnel } stream)
        {
            return;
        }

        Transport.ResumeReading();
        if (Transport.IsWriteBlocked)
        {
            return;
        }

        if (stream.Http1.Phase == RequestPhase.Tunnel)
        {
            ArmIdle();
        }
        else
        {
            ArmBody(stream.Http1);
        }
    }

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        if (_stream is { Http1: { Phase: RequestPhase.Body } body })
        {
            body.Pace.Arrived(length, Loop.Now);
        }

        while (!data.IsEmpty)
        {
            if (_stream is null)
            {
                BeginStream();
            }

            var reader = _stream!.Http1;
            switch (reader.Phase)
            {
                case RequestPhase.Head:
                    if (!ReadHead(reader, ref data))
                    {
                        return Transport.Handler == this ? length : length - data.Length + Transport.Handler.OnReceived(data);
                    }

                    break;
                case RequestPhase.Body:
                    ReadBody(reader, ref data);
                    break;
                case RequestPhase.Tunnel:
                    if (!Transport.IsWriteBlocked)
                    {
                        ArmIdle();
                    }

                    _stream!.OnRequestData(data, endStream: false);
                    return length;
                default:
                    // Refused: what comes now is not looked at any more.
                    return length;
            }

            if (Transport.IsReadPaused || Transport.IsClosed || Transport.IsClosing)
            {
                return length - data.Length;
            }
        }

        if (_stream is { Http1: { Phase: RequestPhase.Body } unread } && !Transport.IsWriteBlocked)
        {
            ArmBody(unread);
        }

        return length;
    }

    private void BeginStream()
    {
        _state &= State.Served;
        _stream = _handler.RentStream();
        _stream.Attach(this, Transport);
        _stream.Http1.Begin(_stream.Request, Limits);
        _stream.OnBegin();
    }

    /// <summary>False: everything is used up, or the connection is ending.</summary>
    private bool ReadHead(Http1RequestReader reader, ref ReadOnlySpan<byte> data)
    {
        int count = data.Length;
        switch (reader.Head.Parse(ref data))
        {
            case ParseStatus.NeedMore:
                ArmHead(reader, count);
                return false;
            case ParseStatus.Error:
                if (!HandOver(_stream!, reader.Head.Error))
                {
                    Refuse(reader.Head.Error);
                }

                return false;
            default:
                return AcceptHead(reader, data);
        }
    }

    /// <summary>Is it HTTP/2 that begins here (RFC 9113 §3.4)? Then another codec reads on; its preface is no request line of HTTP/1, however it is cut.</summary>
    private bool HandOver(ServerStream stream, ProtocolError error)
    {
        if (_handler is not IHttp2ServerHandler { Http2: not null } handler || (_state & State.Served) != 0 || Transport.Tls?.ApplicationProtocol is not null)
        {
            return false;
        }

        var read = stream.Request.Fields.Slice(0, stream.Request.Fields.Length);
        bool isPreface = Http2ServerConnection.Preface.StartsWith(read);
        if (!isPreface && (error != HeadErrors.RequestLine || !IsNoRequest(read)))
        {
            return false;
        }

        int count = isPreface ? read.Length : 0;
        _stream = null;
        if (isPreface)
        {
            _handler.ReturnUnused(stream);
        }
        else
        {
            _handler.OnProtocolError(Transport, stream, error);
            _handler.ReturnRefused(stream, error);
        }

        var next = new Http2ServerConnection(Transport, handler, count);
        if (!isPreface)
        {
            next.RefusePreface();
        }

        return true;
    }

    // Three words that are neither a target nor a version: where both protocols are spoken, a bad preface is refused as HTTP/2 refuses it.
    private static bool IsNoRequest(ReadOnlySpan<byte> read)
    {
        var line = read[..Math.Max(0, read.IndexOf((byte)'\r'))];
        int first = line.IndexOf((byte)' '), last = line.LastIndexOf((byte)' ');
        return first > 0 && last > first && line[first..last].IndexOfAny("/*:"u8) < 0 && !line[(last + 1)..].StartsWith("HTTP"u8);
    }

    /// <summary>Tells the stream of a head that is complete, unless what it announces, or what came with it, is refused; then false.</summary>
    private bool AcceptHead(Http1RequestReader reader, ReadOnlySpan<byte> rest)
    {
        var stream = _stream!;
        var head = stream.Request;
        stream.AnswersHead = head.IsHead;
        Transport.Disarm();
        if (Limits.MaxRequestBody > 0 && head.ContentLength > Limits.MaxRequestBody)
        {
            Refuse(ProtocolError.BodyTooLarge);
            return false;
        }

        if (head.Framing == BodyFraming.Chunked && ChunkPreview.FindError(stream, rest, Limits) is { } error)
        {
            Refuse(error);
            return false;
        }

        if (head.KeepAlive)
        {
            _state |= State.KeepAlive;
        }

        if (head.Framing == BodyFraming.None)
        {
            // Before the stream is told: it may be done with the request, and let the next one come, before it returns.
            reader.Phase = RequestPhase.Complete;
            Transport.PauseReading();
            stream.OnRequestHead(endStream: true);
            if (Transport.IsPeerShutdown && _stream == stream)
            {
                OnPeerShutdown();
            }

            return true;
        }

        reader.Phase = RequestPhase.Body;
        reader.Body.Begin(head);
        reader.Pace.Begin(Loop.Now, Limits.MinBodyRate, Limits.MinRateGrace);
        if (!Transport.IsWriteBlocked)
        {
            ArmBody(reader);
        }

        stream.OnRequestHead(endStream: false);
        return true;
    }

    private void ReadBody(Http1RequestReader reader, ref ReadOnlySpan<byte> data)
    {
        var stream = _stream!;
        switch (reader.Body.Read(ref data, out var piece))
        {
            case BodyStep.Piece when Limits.MaxRequestBody > 0 && reader.Body.ChunkedLength > Limits.MaxRequestBody:
                FailBody(ResetReason.ProtocolError, ProtocolError.BodyTooLarge);
                data = default;
                break;
            case BodyStep.Piece:
                stream.OnRequestData(piece, endStream: false);
                break;
            case BodyStep.LastPiece:
                CompleteRequest(reader);
                stream.OnRequestData(piece, endStream: true);
                break;
            case BodyStep.LastChunk:
                reader.Body.BeginTrailers(stream.RequestTrailers, Limits);
                break;
            case BodyStep.TrailersEnd:
                CompleteRequest(reader);
                if (stream.RequestTrailers.Count > 0)
                {
                    stream.OnRequestTrailers();
                }
                else
                {
                    stream.OnRequestData(default, endStream: true);
                }

                break;
            case BodyStep.Error:
                FailBody(ResetReason.ProtocolError, reader.Body.Error);
                data = default;
                break;
            default:
                break;
        }
    }

    private void CompleteRequest(Http1RequestReader reader)
    {
        reader.Phase = RequestPhase.Complete;
        Transport.PauseReading();
        Transport.Disarm();
        if (Transport.IsPeerShutdown)
        {
            OnPeerShutdown();
        }
    }
}
