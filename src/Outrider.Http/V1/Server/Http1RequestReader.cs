using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V1.Parsing;

namespace Outrider.Http.V1.Server;

/// <summary>A request's way in: its head, then its body, piece by piece, to the stream; and how long each of them may take. A part of its stream.</summary>
/// <param name="owner">The stream.</param>
internal sealed class Http1RequestReader(Http1ServerStream owner)
{
    // Kept only while the head is incomplete.
    private RequestHeadParser? _parser;
    private BodyReader _body;
    private RequestClock _clock;

    /// <summary>How far the request has come.</summary>
    internal RequestPhase Phase { get; set; }

    private HttpLimits Limits => owner.Connection.Handler.Limits;

    /// <summary>Makes ready for a request.</summary>
    internal void Begin()
    {
        GiveBack();
        owner.Stream.Request.Clear();
        _clock.Begin();
        Phase = RequestPhase.Head;
    }

    /// <summary>After a head that is refused: what could be made out of it is for the log.</summary>
    internal void KeepWhatWasRead() => RefusedHead.Keep(owner.Stream.Request);

    /// <summary>So many bytes have come at once, and are to be read.</summary>
    internal void OnArrived(int count)
    {
        if (Phase == RequestPhase.Body)
        {
            _clock.Arrived(count, owner.Connection.Now);
        }
    }

    /// <summary>Takes the next piece off the front of <paramref name="data"/>. False: nothing of it is for this request any more, or the connection is ending.</summary>
    internal bool Read(ref ReadOnlySpan<byte> data)
    {
        switch (Phase)
        {
            case RequestPhase.Head:
                return ReadHead(ref data);
            case RequestPhase.Body:
                ReadBody(ref data);
                return true;
            case RequestPhase.Tunnel:
                ArmIdle();
                owner.Stream.OnRequestData(data, endStream: false);
                return false;
            default:
                // Refused: what comes now is not looked at any more.
                return false;
        }
    }

    /// <summary>All that has come is read.</summary>
    internal void OnRead()
    {
        if (Phase == RequestPhase.Body)
        {
            ArmBody();
        }
    }

    /// <summary>Stops after the piece at hand. The client's time does not run.</summary>
    internal void Pause()
    {
        if (Phase is not (RequestPhase.Body or RequestPhase.Tunnel))
        {
            // Nothing of this request is to come; the timer may be watching a client that has shut down.
            return;
        }

        var transport = owner.Connection.Transport;
        transport.PauseReading();
        _clock.Pause(owner.Connection.Now);
        Disarm();
    }

    /// <summary>Goes on after <see cref="Pause"/>.</summary>
    internal void Resume()
    {
        if (Phase is not (RequestPhase.Body or RequestPhase.Tunnel))
        {
            return;
        }

        owner.Connection.Transport.ResumeReading();
        if (Phase == RequestPhase.Tunnel)
        {
            ArmIdle();
        }
        else
        {
            ArmBody();
        }
    }

    /// <summary>The timer watches that the client takes something, and not what it sends.</summary>
    internal void OnWriteBlocked() => _clock.Pause(owner.Connection.Now);

    /// <summary>The timer, which is not set, is the request's again.</summary>
    internal void OnWritten()
    {
        if (Phase == RequestPhase.Head)
        {
            // Of a pipelined request, of which not all has come.
            Arm(_clock.ResumeHead(owner.Connection.Now, Limits));
        }
        else if (Phase == RequestPhase.Body && !owner.Connection.Transport.IsReadPaused)
        {
            ArmBody();
        }
        else if (Phase == RequestPhase.Tunnel)
        {
            ArmIdle();
        }
    }

    /// <summary>The response has opened a tunnel.</summary>
    internal void BeginTunnel()
    {
        Phase = RequestPhase.Tunnel;
        owner.Connection.Transport.ResumeReading();
        ArmIdle();
    }

    /// <summary>The client has not sent what was waited for.</summary>
    internal void OnTimer()
    {
        var connection = owner.Connection;
        if (Phase == RequestPhase.Head)
        {
            connection.Refuse(owner, _clock.HeadError(connection.Now, Limits));
        }
        else
        {
            Fail(ResetReason.ReceiveTimeout, _clock.BodyError(connection.Now));
        }
    }

    private bool ReadHead(ref ReadOnlySpan<byte> data)
    {
        int count = data.Length;
        var connection = owner.Connection;
        var loop = connection.Transport.Loop;
        var parser = _parser;
        if (parser is null)
        {
            parser = RequestHeadParser.OfLoops.Get(loop);
            parser.Begin(owner.Stream.Request, Limits);
        }

        var status = parser.Parse(ref data);
        if (status == ParseStatus.NeedMore)
        {
            RequestHeadParser.OfLoops.Keep(loop, parser);
            _parser = parser;
            Arm(_clock.AwaitHead(count, connection.Now, Limits));
            return false;
        }

        GiveBack();
        if (status == ParseStatus.Error)
        {
            connection.OnBadHead(owner, parser.Error);
            return false;
        }

        return AcceptHead(data);
    }

    private void GiveBack()
    {
        if (_parser is { } parser)
        {
            _parser = null;
            RequestHeadParser.OfLoops.GiveBack(owner.Connection.Transport.Loop, parser);
        }
    }

    /// <summary>Tells the stream of a head that is complete, unless what it announces, or what came with it, is refused; then false.</summary>
    private bool AcceptHead(ReadOnlySpan<byte> rest)
    {
        var stream = owner.Stream;
        var head = stream.Request;
        var connection = owner.Connection;
        var transport = connection.Transport;
        var limits = connection.Handler.Limits;
        stream.AnswersHead = head.IsHead;
        Disarm();
        if (limits.MaxRequestBody > 0 && head.ContentLength > limits.MaxRequestBody)
        {
            connection.Refuse(owner, ProtocolError.BodyTooLarge);
            return false;
        }

        if (head.Framing == BodyFraming.Chunked && ChunkPreview.FindError(_body.Chunks, stream, rest, limits) is { } error)
        {
            connection.Refuse(owner, error);
            return false;
        }

        if (head.KeepAlive)
        {
            owner.AllowNext();
        }

        if (head.Framing == BodyFraming.None)
        {
            // Before the stream is told: it may be done with the request, and let the next one come, before it returns.
            Phase = RequestPhase.Complete;
            transport.PauseReading();
            stream.OnRequestHead(endStream: true);
            if (transport.IsPeerShutdown)
            {
                connection.OnPeerShutdown();
            }

            return true;
        }

        Phase = RequestPhase.Body;
        _body.Begin(head);
        _clock.BeginBody(connection.Now, limits);
        ArmBody();
        stream.OnRequestHead(endStream: false);
        return true;
    }

    private void ReadBody(ref ReadOnlySpan<byte> data)
    {
        var stream = owner.Stream;
        switch (_body.Read(ref data, out var piece))
        {
            case BodyStep.Piece when Limits.MaxRequestBody > 0 && _body.ChunkedLength > Limits.MaxRequestBody:
                Fail(ResetReason.ProtocolError, ProtocolError.BodyTooLarge);
                data = default;
                break;
            case BodyStep.Piece:
                stream.OnRequestData(piece, endStream: false);
                break;
            case BodyStep.LastPiece:
                Complete();
                stream.OnRequestData(piece, endStream: true);
                break;
            case BodyStep.LastChunk:
                _body.BeginTrailers(stream.RequestTrailers, Limits);
                break;
            case BodyStep.TrailersEnd:
                Complete();
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
                Fail(ResetReason.ProtocolError, _body.Error);
                data = default;
                break;
            default:
                break;
        }
    }

    private void Complete()
    {
        var connection = owner.Connection;
        Phase = RequestPhase.Complete;
        connection.Transport.PauseReading();
        Disarm();
        if (connection.Transport.IsPeerShutdown)
        {
            connection.OnPeerShutdown();
        }
    }

    /// <summary>The request's body broke off or is not HTTP: the stream answers, if it can still do so.</summary>
    private void Fail(ResetReason reason, ProtocolError error)
    {
        var connection = owner.Connection;
        Phase = RequestPhase.Failed;
        owner.ForbidNext();
        connection.Transport.PauseReading();
        connection.Handler.OnProtocolError(connection.Transport, owner.Stream, error);
        owner.Stream.OnRequestReset(reason, error);
    }

    private void ArmBody()
    {
        if (!owner.IsWriteBlocked)
        {
            var connection = owner.Connection;
            connection.Transport.Arm(_clock.AwaitBody(connection.Now, connection.Handler.Limits));
        }
    }

    private void ArmIdle()
    {
        if (!owner.IsWriteBlocked)
        {
            owner.Connection.ArmIdle();
        }
    }

    // While the client takes nothing the connection's timer watches that, whatever comes of the request meanwhile.
    private void Arm(long delay)
    {
        if (!owner.IsWriteBlocked)
        {
            owner.Connection.Transport.Arm(delay);
        }
    }

    private void Disarm()
    {
        if (!owner.IsWriteBlocked)
        {
            owner.Connection.Transport.Disarm();
        }
    }
}
