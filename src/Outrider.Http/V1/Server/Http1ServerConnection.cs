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

    private readonly IServerHandler _handler;
    private readonly PeerAddress _remote;
    private ServerStream? _stream;
    private State _state;

    // In milliseconds of the loop's clock, cut to what fits beside the byte above: an idle connection grows by nothing.
    private uint _restsSince;

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

    /// <summary>For how many milliseconds the connection has waited for a request, or its first one; 0 while one is being read or answered, or it closes.</summary>
    public uint RestingMilliseconds => _stream is null && !IsClosing && !IsWriteBlocked ? (uint)Loop.Now - _restsSince : 0;

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

    /// <summary>Closes at once, because the proxy stops: the request at hand ends for that reason, and not as if its client had gone.</summary>
    public void Cut() => Abandon(ResetReason.Shutdown);

    /// <inheritdoc/>
    protected override int ReadSize => _handler.ReadSize;

    private HttpLimits Limits => _handler.Limits;

    /// <inheritdoc/>
    protected override void OnConnected()
    {
        _restsSince = (uint)Loop.Now;
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
    protected override void OnTlsUnused() => _handler.OnTlsUnused(this);

    /// <inheritdoc/>
    protected override void OnClosed(int error)
    {
        Abandon(ResetReason.PeerClosed);
        _handler.OnConnectionClosed(this);
    }

    /// <summary>Between two requests.</summary>
    private void Rest()
    {
        _restsSince = (uint)Loop.Now;
        ArmIdle();
        ResumeReading();
    }
}
