using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.Upgrades;
using Outrider.Http.V1.Parsing;

namespace Outrider.Http.V1.Client;

/// <content>The response's way in: heads, then a body or a tunnel, piece by piece, to the receiver.</content>
public sealed partial class Http1ClientConnection
{
    // An upstream that answers 1xx for ever would keep a stream for ever; no use of them needs more.
    private const int MaxInformational = 16;

    /// <summary>Stops the response after the piece at hand.</summary>
    public void PauseResponse() => Transport.PauseReading();

    /// <summary>Lets the response come again.</summary>
    public void ResumeResponse() => Transport.ResumeReading();

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        while (!data.IsEmpty && !Transport.IsClosed)
        {
            switch (_phase)
            {
                case Phase.Head when !Transport.HasSent:
                    // It was on its way before we asked, so it answers nobody. Nothing was sent: the request goes out again elsewhere.
                    Transport.Close();
                    return length;
                case Phase.Head:
                    ReadHead(ref data);
                    break;
                case Phase.Body:
                    ReadBody(ref data);
                    break;
                case Phase.Tunnel:
                    _receiver!.OnResponseData(data, endStream: false);
                    return length;
                default:
                    // Nobody asked: never let it be taken for the answer to the next request.
                    Transport.Close();
                    return length;
            }

            if (Transport.IsReadPaused)
            {
                return length - data.Length;
            }
        }

        return length;
    }

    /// <inheritdoc/>
    public override void OnEndOfInput()
    {
        if (_receiver is not null && _phase == Phase.Body && _body.EndsWithConnection && !Transport.IsInputTruncated)
        {
            var receiver = _receiver;
            Detach();
            receiver.OnResponseData(default, endStream: true);
            Transport.Close();
        }
        else if (_receiver is not null && _phase == Phase.Tunnel)
        {
            var receiver = _receiver;
            _tunnelReceived = true;
            CloseTunnelIfDone();
            receiver.OnResponseData(default, endStream: true);
        }
        else
        {
            Transport.Close();
        }
    }

    private void ReadHead(ref ReadOnlySpan<byte> data)
    {
        switch (_parser.Parse(ref data))
        {
            case ParseStatus.NeedMore:
                return;
            case ParseStatus.Error:
                Fail(_parser.Error);
                return;
            default:
                break;
        }

        var receiver = _receiver!;
        var head = receiver.ResponseHead;
        switch (head.Status)
        {
            case 101 when !_requestDone:
                // The request ends before the new protocol begins (RFC 9110 §7.8).
                Fail(ResponseErrors.UnexpectedUpgrade);
                return;
            case 101 when _request!.IsHttp2 && !WebSocketKey.IsAnswered(_request.Fields, head.Fields):
                // Its client does not know the key, which was made here.
                Fail(ResponseErrors.WebSocketAccept);
                return;
            case 101:
                _phase = Phase.Tunnel;
                receiver.OnResponseHead(endStream: false);
                return;
            case >= 100 and < 200:
                OnInformational(receiver);
                return;
            default:
                break;
        }

        _keepAlive = head.KeepAlive;
        if (head.Framing == BodyFraming.None)
        {
            bool reusable = Finish(ref data);
            receiver.OnResponseHead(endStream: true);
            Release(reusable);
            return;
        }

        _phase = Phase.Body;
        _body.Begin(head, lenient: true);
        receiver.OnResponseHead(endStream: false);
    }

    private void OnInformational(IResponseReceiver receiver)
    {
        if (++_informational > MaxInformational)
        {
            Fail(ResponseErrors.Informational);
            return;
        }

        if (!_parser.HasOddFraming)
        {
            receiver.OnInformational();
        }

        if (_receiver == receiver)
        {
            _parser.Begin(receiver.ResponseHead, _limits, _request!.IsHead, _request.IsUpgrade);
        }
    }

    private void ReadBody(ref ReadOnlySpan<byte> data)
    {
        var receiver = _receiver!;
        bool reusable;
        switch (_body.Read(ref data, out var piece))
        {
            case BodyStep.Piece:
                receiver.OnResponseData(piece, endStream: false);
                return;
            case BodyStep.LastPiece:
                reusable = Finish(ref data);
                receiver.OnResponseData(piece, endStream: true);
                Release(reusable);
                return;
            case BodyStep.LastChunk:
                _body.BeginTrailers(receiver.ResponseTrailers, _limits);
                return;
            case BodyStep.TrailersEnd:
                reusable = Finish(ref data);
                if (receiver.ResponseTrailers.Count > 0)
                {
                    receiver.OnResponseTrailers();
                }
                else
                {
                    receiver.OnResponseData(default, endStream: true);
                }

                Release(reusable);
                return;
            case BodyStep.Error:
                Fail(_body.Error);
                return;
            default:
                return;
        }
    }

    /// <summary>
    /// The response is complete: lets go of the receiver before it is told, since telling it may end its stream. True when the
    /// connection may be used again; what came behind the response answers nobody.
    /// </summary>
    private bool Finish(ref ReadOnlySpan<byte> data)
    {
        bool reusable = _keepAlive && data.IsEmpty;
        data = default;
        Detach();
        if (reusable)
        {
            // The receiver may have held the response back at its last piece.
            Transport.ResumeReading();
        }

        return reusable;
    }
}
