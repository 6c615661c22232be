using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.Server;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Server;

/// <summary>
/// A client's connection that speaks HTTP/1.1 (RFC 9112): reads requests one after the other, gives each to a stream, and
/// writes what the stream answers. While a request is in the works nothing more is read; pipelined requests wait in the
/// kernel or, what came with the first, in a buffer.
/// </summary>
/// <remarks>An idle connection is this object alone: about 200 bytes.</remarks>
public sealed partial class Http1ServerConnection : TransportHandler, IDownstream
{
    // What a connection that was accepted while its listener goes away gets for its first request to arrive.
    private const int DrainGrace = 1000;

    private readonly IServerHandler _handler;
    private ServerStream? _stream;
    private State _state;

    // In milliseconds of the loop's clock, cut to what fits beside the byte above: an idle connection grows by nothing.
    private uint _restsSince;

    /// <summary>Takes over a transport: it becomes its handler. On the transport's loop.</summary>
    /// <param name="transport">The client's connection, of which nothing has been received yet.</param>
    /// <param name="handler">The listener's side on the loop.</param>
    public Http1ServerConnection(Transport transport, IServerHandler handler)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(handler);
        Transport = transport;
        _handler = handler;
        transport.Handler = this;
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
        Served = 128,
    }

    private EventLoop Loop => Transport.Loop;

    /// <inheritdoc/>
    public bool IsWriteBlocked => Transport.IsWriteBlocked;

    /// <inheritdoc/>
    public int PendingOutput => Transport.PendingOutput;

    /// <inheritdoc/>
    public void SendNow() => Transport.SendNow();

    /// <summary>The client's connection.</summary>
    public Transport Transport { get; }

    /// <summary>Is a request being read or answered?</summary>
    public bool IsBusy => _stream is not null;

    /// <inheritdoc/>
    public override uint RestingMilliseconds => _stream is null && !Transport.IsClosing && !Transport.IsWriteBlocked ? (uint)Loop.Now - _restsSince : 0;

    /// <summary>Closes, if no request is being read or answered. Otherwise the response at hand will be the last.</summary>
    public override void OnDrain()
    {
        if (_stream is not null || Transport.IsClosing)
        {
            return;
        }

        if (Transport.IsWriteBlocked || Transport.IsQuiet())
        {
            Transport.CloseWhenWritten(drain: false);
        }
        else
        {
            // A request has arrived and was not read yet: it gets its answer, as the last one.
            Transport.Arm(DrainGrace);
        }
    }

    /// <inheritdoc/>
    public override void OnCut() => Abandon(ResetReason.Shutdown);

    /// <inheritdoc/>
    public override object? Owner => _handler.Owner;

    /// <inheritdoc/>
    public override int ReadSize => _handler.ReadSize;

    private HttpLimits Limits => _handler.Limits;

    /// <inheritdoc/>
    public override void OnConnected()
    {
        _restsSince = (uint)Loop.Now;
        _handler.OnConnectionOpened(Transport);
        if (_handler.IsDraining)
        {
            Transport.Arm(DrainGrace);
        }
        else
        {
            ArmIdle();
        }
    }

    /// <inheritdoc/>
    public override void OnSecured()
    {
        _handler.OnSecured(Transport);
        if (_handler is IHttp2ServerHandler { Http2: not null } handler && Transport.Tls?.ApplicationProtocol == "h2")
        {
            _ = new Http2ServerConnection(Transport, handler);
        }
    }

    /// <inheritdoc/>
    public override void OnTlsFailed(string reason) => _handler.OnTlsFailed(Transport, reason);

    /// <inheritdoc/>
    public override void OnTlsUnused() => _handler.OnTlsUnused(Transport);

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        Abandon(ResetReason.PeerClosed);
        _handler.OnConnectionClosed(Transport);
    }

    /// <summary>Between two requests.</summary>
    private void Rest()
    {
        _state = State.Served;
        _restsSince = (uint)Loop.Now;
        ArmIdle();
        Transport.ResumeReading();
    }
}
