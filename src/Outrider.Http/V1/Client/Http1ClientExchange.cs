using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V1.Parsing;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Client;

/// <summary>
/// A request and its response on a connection of HTTP/1.1 to an upstream: the request goes out, the response's heads, then its body or a tunnel, come in piece by
/// piece and go to the receiver. One for each connection, used for one exchange after the other.
/// </summary>
/// <param name="connection">The connection.</param>
internal sealed class Http1ClientExchange(Http1ClientConnection connection) : IExchange
{
    private IResponseReceiver? _receiver;
    private RequestHead? _request;
    private ResponseHeads _heads;
    private BodyReader _body;

    // What the upstream sent, whatever a filter makes of the head afterwards.
    private bool _keepAlive;
    private bool _requestDone, _requestChunked, _tunnelSent, _tunnelReceived;

    /// <inheritdoc/>
    public Transport Transport => connection.Transport;

    /// <inheritdoc/>
    public bool IsWriteBlocked => Transport.IsWriteBlocked;

    /// <inheritdoc/>
    public int PendingOutput => Transport.PendingOutput;

    /// <summary>How far it has come.</summary>
    internal ExchangePhase Phase { get; private set; }

    /// <summary>Has a part of a response come?</summary>
    internal bool HasBegun => Phase is ExchangePhase.Body or ExchangePhase.Tunnel || (Phase == ExchangePhase.Head && _heads.HasBegun);

    /// <inheritdoc/>
    public void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_requestChunked && Phase != ExchangePhase.Tunnel)
        {
            ChunkWriter.Write(Transport, data);
            if (endStream)
            {
                ChunkWriter.WriteEnd(Transport);
            }
        }
        else
        {
            Transport.Write(data);
            if (endStream && Phase == ExchangePhase.Tunnel)
            {
                _tunnelSent = true;
                Transport.ShutdownWhenWritten();
                CloseTunnelIfDone();
                return;
            }
        }

        _requestDone |= endStream;
    }

    /// <inheritdoc/>
    public void SendTrailers(HeaderBlock trailers)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        if (_requestChunked)
        {
            ChunkWriter.WriteEnd(Transport, trailers);
        }

        _requestDone = true;
    }

    /// <inheritdoc/>
    public void SendNow() => Transport.SendNow();

    /// <inheritdoc/>
    public void PauseResponse() => Transport.PauseReading();

    /// <inheritdoc/>
    public void ResumeResponse() => Transport.ResumeReading();

    /// <inheritdoc/>
    public void Cancel()
    {
        Forget();
        Transport.Close();
    }

    /// <summary>Begins: sends the request's head.</summary>
    internal void Begin(IResponseReceiver receiver, RequestHead request, bool endStream)
    {
        _receiver = receiver;
        _request = request;
        Phase = ExchangePhase.Head;
        _requestDone = endStream;
        _tunnelSent = _tunnelReceived = false;
        _heads.Begin();
        receiver.ResponseHead.Clear();
        _requestChunked = RequestHeadWriter.Write(Transport, request, endStream);
    }

    /// <summary>Bytes have come.</summary>
    /// <returns>How many of them are used: all, unless reading was paused.</returns>
    internal int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        while (!data.IsEmpty && !Transport.IsClosed)
        {
            switch (Phase)
            {
                case ExchangePhase.Head when !Transport.HasSent:
                    // It was on its way before we asked, so it answers nobody. Nothing was sent: the request goes out again elsewhere.
                    Transport.Close();
                    return length;
                case ExchangePhase.Head:
                    ReadHead(ref data);
                    break;
                case ExchangePhase.Body:
                    ReadBody(ref data);
                    break;
                case ExchangePhase.Tunnel:
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

    /// <summary>The upstream sends no more.</summary>
    internal void OnEndOfInput()
    {
        if (_receiver is not null && Phase == ExchangePhase.Body && _body.EndsWithConnection && !Transport.IsInputTruncated)
        {
            var receiver = _receiver;
            Detach();
            receiver.OnResponseData(default, endStream: true);
            Transport.Close();
        }
        else if (_receiver is not null && Phase == ExchangePhase.Tunnel)
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

    /// <summary>The upstream takes nothing for now.</summary>
    internal void OnWriteBlocked() => _receiver?.OnRequestBlocked();

    /// <summary>The upstream has taken something.</summary>
    internal void OnWriteProgress() => _receiver?.OnRequestProgress();

    /// <summary>The upstream has taken everything.</summary>
    internal void OnWritten() => _receiver?.OnRequestWritten();

    /// <summary>The connection is closed, which whoever asked is to be told: nothing else is told to anybody any more.</summary>
    /// <returns>Who asked, if an exchange is under way.</returns>
    internal IResponseReceiver? TakeReceiver()
    {
        var receiver = _receiver;
        Forget();
        return receiver;
    }

    /// <summary>There will be no other exchange.</summary>
    internal void Close() => Phase = ExchangePhase.Closed;

    private void ReadHead(ref ReadOnlySpan<byte> data)
    {
        var receiver = _receiver!;
        var head = receiver.ResponseHead;
        switch (_heads.Read(ref data, head, _request!, _requestDone, connection.Limits, Transport.Loop))
        {
            case ResponseHeadStep.Interim:
                receiver.OnInformational();
                AwaitNextHead(receiver);
                break;
            case ResponseHeadStep.Ignored:
                AwaitNextHead(receiver);
                break;
            case ResponseHeadStep.Upgraded:
                Phase = ExchangePhase.Tunnel;
                receiver.OnResponseHead(endStream: false);
                break;
            case ResponseHeadStep.Final:
                OnHead(receiver, head, ref data);
                break;
            case ResponseHeadStep.Error:
                Fail(_heads.Error);
                break;
            default:
                break;
        }
    }

    private void AwaitNextHead(IResponseReceiver receiver)
    {
        if (_receiver == receiver)
        {
            receiver.ResponseHead.Clear();
        }
    }

    private void OnHead(IResponseReceiver receiver, ResponseHead head, ref ReadOnlySpan<byte> data)
    {
        _keepAlive = head.KeepAlive;
        if (head.Framing == BodyFraming.None)
        {
            bool reusable = Finish(ref data);
            receiver.OnResponseHead(endStream: true);
            End(reusable);
            return;
        }

        Phase = ExchangePhase.Body;
        _body.Begin(head, lenient: true);
        receiver.OnResponseHead(endStream: false);
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
                End(reusable);
                return;
            case BodyStep.LastChunk:
                _body.BeginTrailers(receiver.ResponseTrailers, connection.Limits);
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

                End(reusable);
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
        bool isClean = _keepAlive && data.IsEmpty;
        data = default;
        Detach();
        if (isClean)
        {
            // The receiver may have held the response back at its last piece.
            Transport.ResumeReading();
        }

        return isClean;
    }

    /// <summary>Each direction of a tunnel ends by itself; with the second one the connection does.</summary>
    private void CloseTunnelIfDone()
    {
        if (!_tunnelSent || !_tunnelReceived)
        {
            return;
        }

        Detach();
        Transport.CloseWhenWritten(drain: false);
        // Nobody is left who would notice that the upstream does not take the rest.
        Transport.Arm(connection.Limits.SendTimeout);
    }

    private void Fail(ProtocolError error)
    {
        var receiver = _receiver!;
        bool begun = Phase != ExchangePhase.Head;
        Forget();
        Transport.Close();
        receiver.OnUpstreamReset(new UpstreamFailure(ResetReason.ProtocolError, 0, false, connection.WasReused, begun, error));
    }

    // An upstream that answered before it had the whole request may still read the rest of it as such.
    private void End(bool reusable) => connection.OnExchangeEnded(reusable && _requestDone);

    /// <summary>It is over, and the connection free: nothing of it is told to anybody any more.</summary>
    private void Detach()
    {
        Forget();
        Phase = ExchangePhase.Idle;
    }

    private void Forget()
    {
        _receiver = null;
        _request = null;
        _heads.GiveBack(Transport.Loop);
    }
}
