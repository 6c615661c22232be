using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.Connections;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Sending;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Server;

/// <summary>
/// The streams of one client's connection, each an <see cref="Http2ServerStream"/>: which are open, which ended last, how each ends, and what a client may
/// cost that begins and drops them. A part of its connection; the streams know it alone.
/// </summary>
internal sealed class ServerStreams
{
    private const int LeastLateData = 256;

    private readonly Http2ServerConnection _connection;
    private readonly IHttp2ServerHandler _handler;
    private FrameIntake _frames;
    private StreamNews? _news;
    private StreamTable _open;
    private ClosedStreams _closed;
    private FloodGuard _guard;

    /// <summary>Makes the part, once for a connection.</summary>
    /// <param name="connection">Who is told that the first stream begins, and that the last one ended.</param>
    /// <param name="handler">The listener's side.</param>
    /// <param name="limits">The windows, and the longest frame.</param>
    internal ServerStreams(Http2ServerConnection connection, IHttp2ServerHandler handler, Http2Limits limits)
    {
        _connection = connection;
        _handler = handler;
        Sender = new StreamSender(connection.Transport, handler.Http2Counts);
        _frames = new FrameIntake(Sender, isServer: true, limits.MaxFrameSize, limits.ConnectionWindow);
        _guard = new FloodGuard(Now);
    }

    /// <summary>The connection's transport.</summary>
    internal Transport Transport => Sender.Transport;

    /// <summary>Sends what streams have to send.</summary>
    internal StreamSender Sender { get; }

    /// <summary>Takes the client's frames: it knows what the client allows, and the connection's window.</summary>
    internal ref FrameIntake Frames => ref _frames;

    /// <summary>Writes what ends streams and the connection.</summary>
    internal ControlWriter Control => new(Transport, Sender.Counts);

    /// <summary>Counts what costs us work and brings nobody forward.</summary>
    internal ref FloodGuard Guard => ref _guard;

    /// <summary>Milliseconds of the loop's clock.</summary>
    internal long Now => Transport.Loop.Now;

    /// <summary>What holds for requests.</summary>
    internal HttpLimits Limits => _handler.Limits;

    /// <summary>Requests under way.</summary>
    internal int Count => _open.Count;

    /// <summary>The stream of a number, as long as it is open; it may have been reset.</summary>
    internal Http2ServerStream? Find(int id) => _open.Find(id);

    /// <summary>A stream whose head is good begins.</summary>
    internal void Add(Http2ServerStream stream)
    {
        _open.Add(stream);
        if (_open.Count == 1)
        {
            _connection.OnFirstStream();
        }
    }

    /// <summary>A stream ended before it was open.</summary>
    internal void AddClosed(int id, bool wasReset) => _closed.Add(id, wasReset);

    /// <summary>So many bytes of DATA are of no more concern to the connection's window.</summary>
    internal void TookData(int count) => _frames.Took(count);

    /// <summary>The stream has something to tell that cannot be told from within a call of its user's.</summary>
    internal void HasNews(Http2ServerStream stream) => (_news ??= new StreamNews(Transport.Loop)).Add(stream);

    /// <summary>A request is not as it must be: that counts, and is logged.</summary>
    internal void OnProtocolError(ServerStream stream, ProtocolError error) => _handler.OnProtocolError(Transport, stream, error);

    /// <summary>The stream may be done: both sides have ended, nobody uses it.</summary>
    internal void OnDone(Http2ServerStream stream)
    {
        if (stream.IsInUse || stream.Lingers)
        {
            return;
        }

        Sender.Remove(stream);
        _open.Remove(stream);
        _closed.Add(stream.Id, wasReset: !stream.Request.IsEnded);
        if (stream.IsAnswered)
        {
            _guard.OnServed();
        }

        stream.Release();
        StreamPool.Return(stream);
        if (_open.Count == 0)
        {
            _connection.OnLastStreamDone();
        }
    }

    /// <summary>Ends the stream if nothing of it is to come.</summary>
    internal void EndIfOver(Http2ServerStream stream)
    {
        if (stream.IsOver)
        {
            OnDone(stream);
        }
    }

    /// <summary>Ends a stream of ours before its time.</summary>
    internal void Reset(Http2ServerStream stream, Http2Error code)
    {
        Control.Reset(stream.Id, code);
        Sender.Remove(stream);
        stream.MarkReset();
    }

    /// <summary>The response is complete and the request is not: its rest is not wanted.</summary>
    internal void StopRequest(Http2ServerStream stream)
    {
        Control.Reset(stream.Id, Http2Error.None);
        stream.MarkStopped();
    }

    /// <summary>Resets a stream for what the client sent; its user is told.</summary>
    /// <exception cref="Http2Exception">The client makes us do so all the time.</exception>
    internal void GiveUp(Http2ServerStream stream, Http2Error code, ProtocolError? error)
    {
        Reset(stream, code);
        stream.OnReset(error is null ? ResetReason.StreamReset : ResetReason.ProtocolError, error);
        _guard.OnReset(Now);
    }

    /// <summary>Resets a stream that may not be there.</summary>
    /// <exception cref="Http2Exception">The client makes us do so all the time.</exception>
    internal void GiveUp(int id, Http2Error code)
    {
        if (_open.Find(id) is { IsGone: false } stream)
        {
            GiveUp(stream, code, null);
        }
        else
        {
            Control.Reset(id, code);
        }
    }

    /// <summary>The client resets a stream.</summary>
    /// <exception cref="Http2Exception">It does so all the time.</exception>
    internal void OnReset(int id)
    {
        if (_open.Find(id) is not { IsGone: false } stream)
        {
            _open.Find(id)?.Request.MarkEnded();
            _closed.OnPeerReset(id);
            return;
        }

        Sender.Remove(stream);
        if (!stream.Lingers)
        {
            // Before the stream is told: what it costs to begin and drop streams has been spent.
            _guard.OnReset(Now);
        }

        stream.OnClientReset();
    }

    /// <summary>DATA of a stream that has ended: passed over where the client could not know, otherwise its fault (RFC 9113 §5.1, "closed").</summary>
    /// <param name="id">The stream's number.</param>
    /// <param name="size">Bytes of the frame, with its padding.</param>
    /// <exception cref="Http2Exception">It is the client's fault, or there is no end of it.</exception>
    internal void OnLateData(int id, int size)
    {
        if (size < LeastLateData)
        {
            // Whoever sends a body has large frames under way when its stream is reset, and few small ones.
            _guard.OnIdleFrame(Now);
        }

        if (_closed.WasReset(id) || _open.Find(id) is { Request.IsEnded: false })
        {
            return;
        }

        if (_closed.IsEnded(id))
        {
            throw new Http2Exception(Http2Error.StreamClosed, "a frame on a stream that has ended");
        }

        _guard.OnReset(Now);
        Control.Reset(id, Http2Error.StreamClosed);
    }

    /// <summary>A header block of a stream that has ended.</summary>
    /// <exception cref="Http2Exception">The client could know that it has, or there is no end of them.</exception>
    internal void OnLateBlock(int id)
    {
        _guard.OnIdleFrame(Now);
        if (!_closed.WasReset(id) && _open.Find(id) is null)
        {
            throw new Http2Exception(_closed.IsEnded(id) ? Http2Error.StreamClosed : Http2Error.Protocol, $"HEADERS on stream {id}, which is over");
        }
    }

    /// <summary>The client has said what it allows.</summary>
    /// <param name="before">What held before.</param>
    /// <exception cref="Http2Exception">A window cannot be that large.</exception>
    internal void OnSettings(PeerSettings before)
    {
        int difference = _frames.Peer.InitialWindow - before.InitialWindow;
        if (difference == 0)
        {
            return;
        }

        using var open = new OpenStreams(ref _open);
        foreach (var stream in open)
        {
            Sender.Resize(stream, difference);
        }

        Sender.Pump();
    }

    /// <summary>The client takes more of a stream.</summary>
    internal void Grow(int id, int more)
    {
        if (_open.Find(id) is not { IsGone: false } stream)
        {
            return;
        }

        var error = Sender.Grow(stream, more);
        if (error != Http2Error.None)
        {
            GiveUp(stream, error, null);
        }
    }

    /// <summary>The client sends nothing more at all: requests that are not complete never will be.</summary>
    internal void EndRequests()
    {
        using var open = new OpenStreams(ref _open);
        foreach (var stream in open)
        {
            if (!stream.Request.IsEnded && !stream.IsGone)
            {
                stream.OnReset(ResetReason.PeerClosed, null);
            }
        }
    }

    /// <summary>The connection ends, and with it all streams; each is told.</summary>
    internal void Abandon(ResetReason reason)
    {
        if (_open.Count == 0)
        {
            return;
        }

        using var open = new OpenStreams(ref _open);
        foreach (var stream in open)
        {
            if (!stream.IsGone)
            {
                Sender.Remove(stream);
                stream.OnReset(reason, null);
            }
        }
    }

    /// <summary>Ends those that have waited for their client for too long.</summary>
    internal void EndOverdue(long now)
    {
        using var open = new OpenStreams(ref _open);
        foreach (var stream in open)
        {
            switch (stream.FindOverdue(now, Limits))
            {
                case Overdue.Rest:
                    StopRequest(stream);
                    EndIfOver(stream);
                    break;
                case Overdue.Tunnel:
                    Reset(stream, Http2Error.Cancel);
                    stream.OnReset(ResetReason.ReceiveTimeout, null);
                    break;
                case Overdue.Output:
                    Reset(stream, Http2Error.Cancel);
                    stream.OnReset(ResetReason.SendTimeout, null);
                    break;
                case Overdue.Body:
                    stream.Request.Fail(ResetReason.ReceiveTimeout, ProtocolError.BodyTimeout);
                    break;
                case Overdue.Rate:
                    stream.Request.Fail(ResetReason.ReceiveTimeout, ProtocolError.BodyTooSlow);
                    break;
                default:
                    break;
            }
        }
    }
}
