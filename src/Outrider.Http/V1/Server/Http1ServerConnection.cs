using Outrider.Net;

namespace Outrider.Http.V1;

/// <summary>
/// A client's connection that speaks HTTP/1.1 (RFC 9112): reads requests one after the other, gives each to a stream, and
/// writes what the stream answers. While a request is in the works nothing more is read; pipelined requests wait in the
/// kernel or, what came with the first, in a buffer.
/// </summary>
/// <remarks>An idle connection is this object alone: about 200 bytes.</remarks>
public sealed partial class Http1ServerConnection : Connection, IServerConnection
{
    // What a connection that was accepted while its listener goes away gets for its first request to arrive.
    private const int DrainGrace = 1000;

    // A client that shuts down its sending side may still wait for the answer, or be gone: TCP does not tell. It gets this long.
    private const int HalfCloseGrace = 1000;

    private readonly IServerHandler _handler;
    private readonly PeerAddress _remote;
    private ServerStream? _stream;
    private State _state;

    /// <summary>Made when a listener accepts.</summary>
    /// <param name="loop">The loop, which is the current one.</param>
    /// <param name="handler">The listener's side on the loop.</param>
    /// <param name="remote">The client's address.</param>
    /// <param name="tls">How TLS is spoken; null for plain text.</param>
    public Http1ServerConnection(EventLoop loop, IServerHandler handler, PeerAddress remote, ITlsAcceptor? tls = null) : base(loop)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handler = handler;
        _remote = remote;
        if (tls is not null)
        {
            AcceptTls(tls);
        }
    }

    [Flags]
    private enum State : byte
    {
        ResponseBegun = 1,
        ResponseDone = 2,
        KeepAlive = 4,
        Chunked = 8,
        ContinueSent = 16,
        HeaderTimer = 32,
        NoBody = 64,
    }

    /// <inheritdoc/>
    public PeerAddress RemoteAddress => _remote;

    /// <summary>Is a request being read or answered?</summary>
    public bool IsBusy => _stream is not null;

    /// <summary>The next connection in whatever list its handler keeps.</summary>
    public Http1ServerConnection? NextInList { get; set; }

    /// <summary>The previous connection in whatever list its handler keeps.</summary>
    public Http1ServerConnection? PreviousInList { get; set; }

    /// <summary>Closes, if no request is being read or answered. Otherwise the response at hand will be the last.</summary>
    public void CloseIfIdle()
    {
        if (_stream is not null || IsClosing)
        {
            return;
        }

        if (IsWriteBlocked || IsQuiet())
        {
            CloseWhenWritten(drain: false);
        }
        else
        {
            // A request has arrived and was not read yet: it gets its answer, as the last one.
            Loop.Arm(this, DrainGrace);
        }
    }

    /// <inheritdoc/>
    protected override int ReadSize => _handler.ReadSize;

    private HttpLimits Limits => _handler.Limits;

    /// <inheritdoc/>
    protected override void OnConnected()
    {
        _handler.OnConnectionOpened(this);
        if (_handler.IsDraining)
        {
            Loop.Arm(this, DrainGrace);
        }
        else
        {
            ArmIdle();
        }
    }

    /// <inheritdoc/>
    protected override void OnSecured() => _handler.OnSecured(this);

    /// <inheritdoc/>
    protected override void OnTlsFailed(string reason) => _handler.OnTlsFailed(this, reason);

    /// <inheritdoc/>
    protected override int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
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
                        return length;
                    }

                    break;
                case RequestPhase.Body:
                    ReadBody(reader, ref data);
                    break;
                case RequestPhase.Trailers:
                    ReadTrailers(reader, ref data);
                    break;
                case RequestPhase.Tunnel:
                    if (!IsWriteBlocked)
                    {
                        ArmIdle();
                    }

                    _stream.OnRequestData(data, endStream: false);
                    return length;
                default:
                    // Refused: what comes now is not looked at any more.
                    return length;
            }

            if (IsReadPaused || IsClosed || IsClosing)
            {
                return length - data.Length;
            }
        }

        if (_stream is { Http1.Phase: RequestPhase.Body or RequestPhase.Trailers } && !IsWriteBlocked)
        {
            Loop.Arm(this, Limits.BodyTimeout);
        }

        return length;
    }

    /// <inheritdoc/>
    protected override void OnEndOfInput()
    {
        if (_stream is null || _stream.Http1.Phase == RequestPhase.Head)
        {
            CloseWhenWritten(drain: false);
        }
        else if (_stream.Http1.Phase == RequestPhase.Tunnel)
        {
            _stream.OnRequestData(default, endStream: true);
        }
        else if (_stream.Http1.Phase == RequestPhase.Complete)
        {
            OnPeerShutdown();
        }
        else
        {
            Abandon(ResetReason.PeerClosed);
        }
    }

    /// <inheritdoc/>
    protected override void OnPeerShutdown()
    {
        if (_stream is { Http1.Phase: RequestPhase.Complete } stream && !IsWriteBlocked)
        {
            stream.Http1.ResponseBytesAtShutdown = stream.Http1.ResponseBytes;
            Loop.Arm(this, HalfCloseGrace);
        }
    }

    /// <inheritdoc/>
    protected override void OnPeerReset() => Abandon(ResetReason.PeerClosed);

    /// <inheritdoc/>
    protected override void OnWriteBlocked()
    {
        Loop.Arm(this, Limits.SendTimeout);
        _stream?.OnResponseBlocked();
    }

    /// <inheritdoc/>
    protected override void OnWriteProgress() => Loop.Arm(this, Limits.SendTimeout);

    /// <inheritdoc/>
    protected override void OnWritten()
    {
        if (_stream is null)
        {
            Rest();
            return;
        }

        EventLoop.Disarm(this);
        if (_stream.Http1.Phase is RequestPhase.Body or RequestPhase.Trailers && !IsReadPaused)
        {
            Loop.Arm(this, Limits.BodyTimeout);
        }
        else if (_stream.Http1.Phase == RequestPhase.Tunnel)
        {
            ArmIdle();
        }

        _stream.OnResponseWritten();
        if (IsPeerShutdown && _stream is not null)
        {
            OnPeerShutdown();
        }
    }

    /// <inheritdoc/>
    protected override void OnClosed(int error)
    {
        Abandon(ResetReason.PeerClosed);
        _handler.OnConnectionClosed(this);
    }

    /// <inheritdoc/>
    protected override void OnTimer()
    {
        if (IsClosing)
        {
            Close();
        }
        else if (_stream is null)
        {
            _handler.OnIdleTimeout(this);
            Close();
        }
        else if (IsWriteBlocked)
        {
            Abandon(ResetReason.SendTimeout);
        }
        else
        {
            var reader = _stream.Http1;
            switch (reader.Phase)
            {
                case RequestPhase.Head:
                    Refuse(ProtocolError.HeaderTimeout);
                    break;
                case RequestPhase.Complete when reader.ResponseBytes != reader.ResponseBytesAtShutdown:
                    OnPeerShutdown();
                    break;
                case RequestPhase.Complete:
                    Abandon(ResetReason.PeerClosed);
                    break;
                case RequestPhase.Tunnel:
                    Abandon(ResetReason.ReceiveTimeout);
                    break;
                default:
                    FailBody(ResetReason.ReceiveTimeout, ProtocolError.BodyTimeout);
                    break;
            }
        }
    }

    private void BeginStream()
    {
        _state = 0;
        _stream = _handler.RentStream(this);
        _stream.Connection = this;
        _stream.Http1.Begin(_stream.Request, Limits);
        _stream.OnBegin();
    }

    /// <summary>False: everything is used up, or the connection is ending.</summary>
    private bool ReadHead(Http1RequestReader reader, ref ReadOnlySpan<byte> data)
    {
        switch (reader.Head.Parse(ref data))
        {
            case ParseStatus.NeedMore:
                if ((_state & State.HeaderTimer) == 0)
                {
                    // From the first byte on, however slowly the rest drips in.
                    _state |= State.HeaderTimer;
                    Loop.Arm(this, Limits.HeaderTimeout);
                }

                return false;
            case ParseStatus.Error:
                Refuse(reader.Head.Error);
                return false;
            default:
                break;
        }

        var stream = _stream!;
        var head = stream.Request;
        reader.IsHead = head.IsHead;
        reader.IsChunked = head.Framing == BodyFraming.Chunked;
        EventLoop.Disarm(this);
        if (Limits.MaxRequestBody > 0 && head.ContentLength > Limits.MaxRequestBody)
        {
            Refuse(ProtocolError.BodyTooLarge);
            return false;
        }

        if (head.Framing == BodyFraming.Chunked && PreviewChunks(reader, data) is { } error)
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
            PauseReading();
            stream.OnRequestHead(endStream: true);
            if (IsPeerShutdown && _stream == stream)
            {
                OnPeerShutdown();
            }

            return true;
        }

        reader.Phase = RequestPhase.Body;
        reader.BodyLeft = head.ContentLength;
        if (reader.IsChunked)
        {
            // Again: the first time was for a look.
            reader.Chunks.Begin();
        }

        if (!IsWriteBlocked)
        {
            Loop.Arm(this, Limits.BodyTimeout);
        }

        stream.OnRequestHead(endStream: false);
        return true;
    }

    /// <summary>
    /// What is wrong with the chunks that came together with the head. Looked at before anybody is told of the request: a head that
    /// is forwarded cannot be taken back, and an upstream that sees half of a bad request may make something else of it.
    /// </summary>
    private ProtocolError? PreviewChunks(Http1RequestReader reader, ReadOnlySpan<byte> data)
    {
        var chunks = reader.Chunks;
        chunks.Begin();
        long length = 0;
        while (!data.IsEmpty)
        {
            switch (chunks.Read(ref data, out var chunk))
            {
                case ParseStatus.Error:
                    return chunks.Error;
                case ParseStatus.Done when chunk.IsEmpty:
                    return PreviewTrailers(reader.Trailers, data);
                default:
                    length += chunk.Length;
                    if (Limits.MaxRequestBody > 0 && length > Limits.MaxRequestBody)
                    {
                        return ProtocolError.BodyTooLarge;
                    }

                    break;
            }
        }

        return null;
    }

    private ProtocolError? PreviewTrailers(TrailerParser parser, ReadOnlySpan<byte> data)
    {
        var trailers = _stream!.RequestTrailers;
        parser.Begin(trailers, Limits);
        var error = parser.Parse(ref data) == ParseStatus.Error ? parser.Error : null;
        trailers.Clear();
        return error;
    }

    private void ReadBody(Http1RequestReader reader, ref ReadOnlySpan<byte> data)
    {
        var stream = _stream!;
        if (!reader.IsChunked)
        {
            int count = (int)Math.Min(reader.BodyLeft, data.Length);
            var piece = data[..count];
            data = data[count..];
            reader.BodyLeft -= count;
            bool end = reader.BodyLeft == 0;
            if (end)
            {
                CompleteRequest(reader);
            }

            stream.OnRequestData(piece, end);
            return;
        }

        switch (reader.Chunks.Read(ref data, out var chunk))
        {
            case ParseStatus.Error:
                FailBody(ResetReason.ProtocolError, reader.Chunks.Error);
                data = default;
                break;
            case ParseStatus.Done when !chunk.IsEmpty:
                reader.BodyRead += chunk.Length;
                if (Limits.MaxRequestBody > 0 && reader.BodyRead > Limits.MaxRequestBody)
                {
                    FailBody(ResetReason.ProtocolError, ProtocolError.BodyTooLarge);
                    data = default;
                    break;
                }

                stream.OnRequestData(chunk, endStream: false);
                break;
            case ParseStatus.Done:
                reader.Phase = RequestPhase.Trailers;
                reader.Trailers.Begin(stream.RequestTrailers, Limits);
                break;
            default:
                break;
        }
    }

    private void ReadTrailers(Http1RequestReader reader, ref ReadOnlySpan<byte> data)
    {
        var stream = _stream!;
        switch (reader.Trailers.Parse(ref data))
        {
            case ParseStatus.Error:
                FailBody(ResetReason.ProtocolError, reader.Trailers.Error);
                data = default;
                break;
            case ParseStatus.Done:
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
            default:
                break;
        }
    }

    private void CompleteRequest(Http1RequestReader reader)
    {
        reader.Phase = RequestPhase.Complete;
        PauseReading();
        EventLoop.Disarm(this);
        if (IsPeerShutdown)
        {
            OnPeerShutdown();
        }
    }

    /// <summary>Answers a request that never became one, and closes.</summary>
    private void Refuse(ProtocolError error)
    {
        var stream = _stream!;
        _stream = null;
        _handler.ReturnUnused(stream);
        _handler.OnProtocolError(this, error);
        WriteRefusal(error);
        CloseWhenWritten(drain: true);
    }

    /// <summary>The request's body broke off or is not HTTP: the stream answers, if it can still do so.</summary>
    private void FailBody(ResetReason reason, ProtocolError error)
    {
        _stream!.Http1.Phase = RequestPhase.Failed;
        _state &= ~State.KeepAlive;
        PauseReading();
        _handler.OnProtocolError(this, error);
        _stream.OnRequestReset(reason, error);
    }

    private void Abandon(ResetReason reason)
    {
        if (!IsClosed)
        {
            Close();
        }

        if (_stream is { } stream)
        {
            if (stream.Http1.Phase == RequestPhase.Head)
            {
                _stream = null;
                _handler.ReturnUnused(stream);
            }
            else if (stream.Http1.Phase != RequestPhase.Failed || (_state & State.ResponseDone) == 0)
            {
                stream.Http1.Phase = RequestPhase.Failed;
                _state |= State.ResponseDone;
                stream.OnRequestReset(reason, null);
            }
        }
    }

    // Zero is "for ever", as in MOSN.
    private void ArmIdle()
    {
        if (Limits.IdleTimeout > 0)
        {
            Loop.Arm(this, Limits.IdleTimeout);
        }
        else
        {
            EventLoop.Disarm(this);
        }
    }

    /// <summary>Between two requests.</summary>
    private void Rest()
    {
        ArmIdle();
        ResumeReading();
    }
}
