using System.Globalization;
using System.Net;
using System.Net.Security;
using Outrider.Net;

namespace Outrider.Http.V1;

/// <summary>
/// A connection to an upstream that speaks HTTP/1.1: one exchange after the other, each given to a receiver. It belongs to
/// a pool on the same loop. What the upstream sends is checked as strictly as what a client sends.
/// </summary>
public sealed class Http1ClientConnection : Connection
{
    // An upstream that answers 1xx for ever would keep a stream for ever; no use of them needs more.
    private const int MostInformational = 16;

    private readonly IClientOwner _owner;
    private readonly HttpLimits _limits;
    private readonly ResponseHeadParser _parser = new();
    private ChunkedDecoder? _chunks;
    private TrailerParser? _trailers;
    private IResponseReceiver? _receiver;
    private RequestHead? _request;
    private long _left;
    private int _informational;
    private Phase _phase;

    // What the upstream sent, whatever a filter makes of the head afterwards.
    private BodyFraming _framing;
    private bool _keepAlive;
    private bool _requestDone, _requestChunked, _tunnelSent, _tunnelReceived, _wasReused;

    /// <summary>Starts to connect; the owner is told how that ends.</summary>
    /// <param name="loop">The loop, which is the current one.</param>
    /// <param name="owner">The pool.</param>
    /// <param name="endPoint">Where to.</param>
    /// <param name="limits">Limits for what the upstream sends.</param>
    /// <param name="connectTimeout">In milliseconds, TLS handshake included; the connection then fails with ETIMEDOUT.</param>
    /// <param name="tls">How TLS is spoken; null for plain text.</param>
    public Http1ClientConnection(EventLoop loop, IClientOwner owner, EndPoint endPoint, HttpLimits limits, int connectTimeout, SslClientAuthenticationOptions? tls = null) : base(loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        _owner = owner;
        _limits = limits;
        if (tls is null)
        {
            Connect(endPoint);
        }
        else
        {
            Connect(endPoint, tls);
        }

        loop.Arm(this, connectTimeout);
    }

    private enum Phase : byte
    {
        Connecting,
        Idle,
        Head,
        Body,
        Trailers,
        Tunnel,
        Closed,
    }

    /// <summary>How many requests were sent on this connection.</summary>
    public int RequestCount { get; private set; }

    /// <summary>Did connecting take longer than allowed?</summary>
    public bool ConnectTimedOut { get; private set; }

    /// <summary>Who waits for this connection to be established; the pool's to set.</summary>
    public object? Waiter { get; set; }

    /// <summary>What the pool made the connection by; the pool's to set.</summary>
    public object? Origin { get; set; }

    /// <summary>Does the connection rest in its pool? The pool's to set.</summary>
    public bool IsPooled { get; set; }

    /// <summary>The next idle connection of its pool.</summary>
    public Http1ClientConnection? NextIdle { get; set; }

    /// <summary>The previous idle connection of its pool.</summary>
    public Http1ClientConnection? PreviousIdle { get; set; }

    /// <inheritdoc/>
    protected override bool ReadsAfterWriteFailure => true;

    /// <summary>Looks, with a system call, whether the upstream has closed in the meantime. For a request that could not be sent twice.</summary>
    public bool IsAlive() => IsQuiet();

    /// <summary>Rests in the pool for at most so many milliseconds.</summary>
    public void Rest(int idleTimeout) => Loop.Arm(this, idleTimeout);

    /// <summary>Begins an exchange: sends the request's head. <see cref="MessageHead.Framing"/> says what follows.</summary>
    /// <param name="receiver">Who is told of the response.</param>
    /// <param name="request">The request; kept, and only read, until the exchange ends.</param>
    /// <param name="endStream">Nothing follows the head.</param>
    public void SendHead(IResponseReceiver receiver, RequestHead request, bool endStream)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(request);
        _receiver = receiver;
        _request = request;
        _wasReused = RequestCount++ > 0;
        _phase = Phase.Head;
        _informational = 0;
        _requestDone = endStream;
        _requestChunked = _tunnelSent = _tunnelReceived = false;
        ForgetSent();
        EventLoop.Disarm(this);
        _parser.Begin(receiver.ResponseHead, _limits, request.IsHead, request.IsUpgrade);

        var writer = new HeadWriter(this);
        writer.Write(request.Method);
        writer.Write(" "u8);
        writer.Write(request.Target);
        writer.Write(" HTTP/1.1\r\n"u8);
        writer.WriteField("host"u8, request.Authority);
        writer.WriteFields(request.Fields);
        if (!endStream && request.Framing == BodyFraming.Length)
        {
            writer.WriteContentLength(request.ContentLength);
        }
        else if (!endStream)
        {
            _requestChunked = true;
            writer.Write("transfer-encoding: chunked\r\n"u8);
        }
        else if (request.ContentLength >= 0 || request.Framing != BodyFraming.None)
        {
            // "0" that the client sent, a body without chunks, or one that a filter took away. A GET without a body stays without the field.
            writer.WriteContentLength(0);
        }

        if (request.IsUpgrade)
        {
            writer.Write("connection: upgrade\r\n"u8);
        }

        writer.Write("\r\n"u8);
        writer.End();
        ResumeReading();
    }

    /// <summary>Sends a piece of the request's body.</summary>
    public void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_requestChunked && _phase != Phase.Tunnel)
        {
            if (!data.IsEmpty)
            {
                var size = GetSpan(12);
                _ = data.Length.TryFormat(size, out int digits, "x", CultureInfo.InvariantCulture);
                size[digits] = (byte)'\r';
                size[digits + 1] = (byte)'\n';
                Advance(digits + 2);
                Write(data);
                Write("\r\n"u8);
            }

            if (endStream)
            {
                Write("0\r\n\r\n"u8);
            }
        }
        else
        {
            Write(data);
            if (endStream && _phase == Phase.Tunnel)
            {
                _tunnelSent = true;
                ShutdownWhenWritten();
                CloseTunnelIfDone();
                return;
            }
        }

        _requestDone |= endStream;
    }

    /// <summary>Sends the request's trailers, which end it. Where the framing has no place for them they are dropped.</summary>
    public void SendTrailers(HeaderBlock trailers)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        if (_requestChunked)
        {
            var writer = new HeadWriter(this);
            writer.Write("0\r\n"u8);
            writer.WriteFields(trailers);
            writer.Write("\r\n"u8);
            writer.End();
        }

        _requestDone = true;
    }

    /// <summary>The receiver wants no more of this exchange: nothing is told to it any more, and the connection closes.</summary>
    public void Cancel()
    {
        _receiver = null;
        _request = null;
        Close();
    }

    /// <summary>Stops the response after the piece at hand.</summary>
    public void PauseResponse() => PauseReading();

    /// <summary>Lets the response come again.</summary>
    public void ResumeResponse() => ResumeReading();

    /// <inheritdoc/>
    protected override void OnConnected()
    {
        EventLoop.Disarm(this);
        _phase = Phase.Idle;
        _owner.OnConnected(this);
    }

    /// <inheritdoc/>
    protected override int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        while (!data.IsEmpty && !IsClosed)
        {
            switch (_phase)
            {
                case Phase.Head when !HasSent:
                    // It was on its way before we asked, so it answers nobody. Nothing was sent: the request goes out again elsewhere.
                    Close();
                    return length;
                case Phase.Head:
                    ReadHead(ref data);
                    break;
                case Phase.Body:
                    ReadBody(ref data);
                    break;
                case Phase.Trailers:
                    ReadTrailers(ref data);
                    break;
                case Phase.Tunnel:
                    _receiver!.OnResponseData(data, endStream: false);
                    return length;
                default:
                    // Nobody asked: never let it be taken for the answer to the next request.
                    Close();
                    return length;
            }

            if (IsReadPaused)
            {
                return length - data.Length;
            }
        }

        return length;
    }

    /// <inheritdoc/>
    protected override void OnEndOfInput()
    {
        if (_receiver is not null && _phase == Phase.Body && _framing == BodyFraming.UntilClose && !IsInputTruncated)
        {
            var receiver = Finish(reusable: false);
            receiver.OnResponseData(default, endStream: true);
            Close();
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
            Close();
        }
    }

    /// <inheritdoc/>
    protected override void OnWriteBlocked() => _receiver?.OnRequestBlocked();

    /// <inheritdoc/>
    protected override void OnWriteProgress() => _receiver?.OnRequestProgress();

    /// <inheritdoc/>
    protected override void OnWritten() => _receiver?.OnRequestWritten();

    /// <inheritdoc/>
    protected override void OnClosed(int error)
    {
        var receiver = _receiver;
        bool begun = _phase is Phase.Body or Phase.Trailers or Phase.Tunnel || (_phase == Phase.Head && (_parser.HasBegun || _informational > 0));
        _phase = Phase.Closed;
        _receiver = null;
        _request = null;
        _owner.OnClosed(this, error);
        receiver?.OnUpstreamReset(new UpstreamFailure(ResetReason.PeerClosed, error, !HasSent, _wasReused, begun, null) { Tls = TlsFailure });
    }

    /// <inheritdoc/>
    protected override void OnTimer()
    {
        ConnectTimedOut = _phase == Phase.Connecting;
        Close();
    }

    private void ReadHead(ref ReadOnlySpan<byte> data)
    {
        var receiver = _receiver!;
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

        var head = receiver.ResponseHead;
        if (head.Status is >= 100 and < 200 and not 101)
        {
            if (++_informational > MostInformational)
            {
                Fail(ProtocolError.Informational);
                return;
            }

            receiver.OnInformational();
            if (_receiver == receiver)
            {
                _parser.Begin(head, _limits, _request!.IsHead, _request.IsUpgrade);
            }

            return;
        }

        if (head.Status == 101)
        {
            _phase = Phase.Tunnel;
            receiver.OnResponseHead(endStream: false);
            return;
        }

        _framing = head.Framing;
        _keepAlive = head.KeepAlive;
        switch (_framing)
        {
            case BodyFraming.None:
                bool reusable = _keepAlive && data.IsEmpty;
                data = default;
                _ = Finish(reusable);
                receiver.OnResponseHead(endStream: true);
                Release(reusable);
                return;
            case BodyFraming.Chunked:
                (_chunks ??= new()).Begin();
                break;
            default:
                _left = head.ContentLength;
                break;
        }

        _phase = Phase.Body;
        receiver.OnResponseHead(endStream: false);
    }

    private void ReadBody(ref ReadOnlySpan<byte> data)
    {
        var receiver = _receiver!;
        switch (_framing)
        {
            case BodyFraming.Length:
                int count = (int)Math.Min(_left, data.Length);
                var piece = data[..count];
                _left -= count;
                data = data[count..];
                if (_left > 0)
                {
                    receiver.OnResponseData(piece, endStream: false);
                    return;
                }

                bool reusable = _keepAlive && data.IsEmpty;
                data = default;
                _ = Finish(reusable);
                receiver.OnResponseData(piece, endStream: true);
                Release(reusable);
                return;
            case BodyFraming.UntilClose:
                var all = data;
                data = default;
                receiver.OnResponseData(all, endStream: false);
                return;
            default:
                ReadChunk(receiver, ref data);
                return;
        }
    }

    private void ReadChunk(IResponseReceiver receiver, ref ReadOnlySpan<byte> data)
    {
        switch (_chunks!.Read(ref data, out var chunk))
        {
            case ParseStatus.Error:
                Fail(_chunks.Error);
                return;
            case ParseStatus.Done when !chunk.IsEmpty:
                receiver.OnResponseData(chunk, endStream: false);
                return;
            case ParseStatus.Done:
                _phase = Phase.Trailers;
                (_trailers ??= new()).Begin(receiver.ResponseTrailers, _limits);
                return;
            default:
                return;
        }
    }

    private void ReadTrailers(ref ReadOnlySpan<byte> data)
    {
        var receiver = _receiver!;
        switch (_trailers!.Parse(ref data))
        {
            case ParseStatus.Error:
                Fail(_trailers.Error);
                return;
            case ParseStatus.Done:
                bool reusable = _keepAlive && data.IsEmpty;
                data = default;
                _ = Finish(reusable);
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
            default:
                return;
        }
    }

    /// <summary>The response is complete: lets go of the receiver before it is told, since telling it may end its stream.</summary>
    private IResponseReceiver Finish(bool reusable)
    {
        var receiver = _receiver!;
        _receiver = null;
        _request = null;
        _phase = Phase.Idle;
        if (reusable)
        {
            // The receiver may have held the response back at its last piece.
            ResumeReading();
        }

        return receiver;
    }

    private void Release(bool reusable)
    {
        // An upstream that answered before it had the whole request may still read the rest of it as such.
        if (reusable && _requestDone && !IsWriteBlocked && !IsPeerShutdown && !IsClosed)
        {
            _owner.OnReusable(this);
        }
        else
        {
            Close();
        }
    }

    /// <summary>Each direction of a tunnel ends by itself; with the second one the connection does.</summary>
    private void CloseTunnelIfDone()
    {
        if (!_tunnelSent || !_tunnelReceived)
        {
            return;
        }

        _receiver = null;
        _request = null;
        _phase = Phase.Idle;
        CloseWhenWritten(drain: false);
        // Nobody is left who would notice that the upstream does not take the rest.
        Loop.Arm(this, _limits.SendTimeout);
    }

    private void Fail(ProtocolError error)
    {
        var receiver = _receiver!;
        bool begun = _phase != Phase.Head;
        _receiver = null;
        _request = null;
        Close();
        receiver.OnUpstreamReset(new UpstreamFailure(ResetReason.ProtocolError, 0, false, _wasReused, begun, error));
    }
}
