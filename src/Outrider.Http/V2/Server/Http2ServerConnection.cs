using System.Buffers.Binary;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.FlowControl;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Hpack;
using Outrider.Http.V2.Sending;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Server;

/// <summary>
/// A client's connection that speaks HTTP/2 (RFC 9113): many requests at once, each with a <see cref="Http2ServerStream"/> that is the
/// client's side of its <see cref="ServerStream"/>. Nothing is pushed, and priorities are read and not followed.
/// </summary>
/// <remarks>An idle connection is this object, what the client has had us remember of its headers, and little else: under 2 KB.</remarks>
public sealed partial class Http2ServerConnection : TransportHandler
{
    private static readonly SendOrPostCallback s_tellNews = static state => ((Http2ServerConnection)state!).TellNews();

    private readonly IHttp2ServerHandler _handler;
    private readonly Http2Limits _limits;
    private readonly HpackDecoder _decoder = new();
    private FrameReader _frames;
    private FloodGuard _guard;
    private ContinuedBlock _block;
    private HeadWatch _head;
    private StreamTable _streams;
    private ClosedStreams _closed;
    private InflowWindow _window;
    private PeerSettings _peer = new();
    private Queue<Http2ServerStream>? _news;
    private int _prefaceRead;
    private int _lastId;
    private State _state;
    private long _restsSince, _heardAt, _blockAt;

    /// <summary>Takes over a transport: it becomes its handler. On the transport's loop.</summary>
    /// <param name="transport">The client's connection.</param>
    /// <param name="handler">The listener's side on the loop; it speaks HTTP/2.</param>
    /// <param name="prefaceRead">How many bytes of the client's preface (RFC 9113 §3.4) have been read already.</param>
    public Http2ServerConnection(Transport transport, IHttp2ServerHandler handler, int prefaceRead = 0)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(handler);
        Transport = transport;
        _handler = handler;
        _limits = handler.Http2 ?? throw new ArgumentException("the listener does not speak HTTP/2", nameof(handler));
        _frames = new FrameReader(_limits.MaxFrameSize);
        _window = new InflowWindow(_limits.ConnectionWindow);
        _prefaceRead = prefaceRead;
        _restsSince = _heardAt = _blockAt = transport.Loop.Now;
        _guard = new FloodGuard(transport.Loop.Now);
        Sender = new StreamSender(transport, handler.Http2Counts);
        transport.Handler = this;
        transport.GatherOutput();
        ArmNext();
    }

    [Flags]
    private enum State : byte
    {
        /// <summary>The client's first SETTINGS have come.</summary>
        Settled = 1,

        /// <summary>The client was told that this connection ends, and may not have heard of it yet.</summary>
        Draining = 2,

        /// <summary>The client knows; what it begins now is not served.</summary>
        Drained = 4,

        /// <summary>It ends with an error, and nothing more is read.</summary>
        Failed = 8,

        /// <summary>The client begins no more streams, or cannot.</summary>
        ClientDone = 16,

        /// <summary>A keepalive's answer is awaited.</summary>
        Pinged = 32,

        /// <summary>Streams wait to be told their news.</summary>
        NewsPosted = 64,

        /// <summary>The block at hand is of a stream that depends on itself.</summary>
        SelfDependent = 128,
    }

    /// <summary>What a client that speaks HTTP/2 begins with (RFC 9113 §3.4).</summary>
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>The client's connection.</summary>
    public Transport Transport { get; }

    /// <summary>Requests that are under way.</summary>
    public int StreamCount => _streams.Count;

    /// <inheritdoc/>
    public override object? Owner => _handler.Owner;

    /// <inheritdoc/>
    public override int ReadSize => _handler.ReadSize;

    /// <inheritdoc/>
    public override uint RestingMilliseconds => _streams.Count == 0 && !Transport.IsClosing && !Transport.IsWriteBlocked ? (uint)(Now - _restsSince) : 0;

    internal StreamSender Sender { get; }

    internal ref FloodGuard Guard => ref _guard;

    private long Now => Transport.Loop.Now;

    internal HttpLimits RequestLimits => Limits;

    private HttpLimits Limits => _handler.Limits;

    /// <inheritdoc/>
    public override void OnConnected() => _handler.OnConnectionOpened(Transport);

    /// <inheritdoc/>
    public override void OnSecured() => _handler.OnSecured(Transport);

    /// <inheritdoc/>
    public override void OnTlsFailed(string reason) => _handler.OnTlsFailed(Transport, reason);

    /// <inheritdoc/>
    public override void OnTlsUnused() => _handler.OnTlsUnused(Transport);

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        _heardAt = Now;
        try
        {
            if (!Has(State.Failed) && ReadPreface(ref data))
            {
                ReadFrames(ref data);
                WatchHead(length - data.Length);
            }
        }
        catch (Http2Exception e)
        {
            Fail(e.Code);
            return length;
        }

        return Transport.IsReadPaused && !Has(State.Failed) ? length - data.Length : length;
    }

    /// <inheritdoc/>
    public override void OnEndOfInput()
    {
        _state |= State.ClientDone;
        using var open = new OpenStreams(ref _streams);
        foreach (var stream in open)
        {
            if (!stream.IsRequestEnded && !stream.IsGone)
            {
                stream.OnReset(ResetReason.PeerClosed, null);
            }
        }

        CloseIfDone();
    }

    /// <inheritdoc/>
    public override void OnPeerReset() => Abandon(ResetReason.PeerClosed);

    /// <inheritdoc/>
    public override void OnCut() => Abandon(ResetReason.Shutdown);

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        Abandon(ResetReason.PeerClosed);
        _block.Drop();
        _frames.Release();
        _decoder.End();
        _handler.OnConnectionClosed(Transport);
    }

    /// <summary>What the client began with is no preface: it is told so, and the connection ends.</summary>
    internal void RefusePreface() => Fail(Http2Error.Protocol);

    /// <summary>So many bytes of DATA are of no more concern to the connection's window.</summary>
    internal void TookData(int count)
    {
        if (_window.Take(count) is > 0 and var more && !Transport.IsClosed)
        {
            FrameWriter.WriteWindowUpdate(Transport, 0, more);
        }
    }

    /// <summary>The stream has something to tell that cannot be told from within a call of its user's.</summary>
    internal void HasNews(Http2ServerStream stream)
    {
        (_news ??= []).Enqueue(stream);
        if (!Has(State.NewsPosted))
        {
            _state |= State.NewsPosted;
            Transport.Loop.Post(s_tellNews, this);
        }
    }

    internal void OnProtocolError(ServerStream stream, ProtocolError error) => _handler.OnProtocolError(Transport, stream, error);

    /// <summary>The stream may be done: both sides have ended, nobody uses it.</summary>
    internal void OnStreamDone(Http2ServerStream stream)
    {
        if (stream.IsInUse || stream.Lingers)
        {
            return;
        }

        Sender.Remove(stream);
        _streams.Remove(stream);
        _closed.Add(stream.Id, wasReset: !stream.IsRequestEnded);
        if (stream.IsAnswered)
        {
            _guard.OnServed();
        }

        stream.Release();
        StreamPool.Return(stream);
        if (_streams.Count == 0)
        {
            _restsSince = Now;
            CloseIfDone();
        }
    }

    /// <summary>Ends a stream of ours before its time.</summary>
    internal void ResetStream(Http2ServerStream stream, Http2Error code)
    {
        WriteReset(stream.Id, code);
        Sender.Remove(stream);
        stream.MarkReset();
    }

    /// <summary>The response is complete and the request is not: its rest is not wanted.</summary>
    internal void StopRequest(Http2ServerStream stream)
    {
        WriteReset(stream.Id, Http2Error.None);
        stream.MarkStopped();
    }

    private void TellNews()
    {
        _state &= ~State.NewsPosted;
        // Those that come while these are told get their own turn.
        for (int count = _news!.Count; count > 0; count--)
        {
            _news.Dequeue().TellNews();
        }

        if (_news.Count > 0 && !Has(State.NewsPosted))
        {
            _state |= State.NewsPosted;
            Transport.Loop.Post(s_tellNews, this);
        }
    }

    /// <summary>The client broke the protocol: it is told, and the connection ends with all of its streams.</summary>
    private void Fail(Http2Error code)
    {
        if (Transport.IsClosed || Has(State.Failed))
        {
            return;
        }

        _state |= State.Failed;
        WriteGoAway(code, _lastId);
        AbandonStreams(ResetReason.ProtocolError);
        Transport.CloseWhenWritten(drain: true);
        Transport.Arm(FarewellMilliseconds);
    }

    private void Abandon(ResetReason reason)
    {
        _state |= State.Failed;
        if (!Transport.IsClosed)
        {
            Transport.Close();
        }

        AbandonStreams(reason);
    }

    private void AbandonStreams(ResetReason reason)
    {
        if (_streams.Count == 0)
        {
            return;
        }

        using var open = new OpenStreams(ref _streams);
        foreach (var stream in open)
        {
            if (!stream.IsGone)
            {
                Sender.Remove(stream);
                stream.OnReset(reason, null);
            }
        }
    }

    private void WriteReset(int id, Http2Error code)
    {
        _handler.Http2Counts.OnResetSent((uint)code);
        FrameWriter.WriteReset(Transport, id, code);
    }

    private void WriteGoAway(Http2Error code, int lastId)
    {
        _handler.Http2Counts.OnGoAwaySent();
        FrameWriter.WriteGoAway(Transport, code, lastId);
    }

    private void WriteSettings()
    {
        Span<byte> payload = stackalloc byte[30];
        int length = 0;
        Put(payload, ref length, SettingId.MaxConcurrentStreams, _limits.MaxConcurrentStreams);
        Put(payload, ref length, SettingId.InitialWindowSize, _limits.StreamWindow);
        Put(payload, ref length, SettingId.MaxFrameSize, _limits.MaxFrameSize);
        Put(payload, ref length, SettingId.MaxHeaderListSize, _limits.MaxHeaderList);
        Put(payload, ref length, SettingId.EnableConnectProtocol, 1);
        FrameWriter.Write(Transport, FrameType.Settings, FrameFlags.None, 0, payload[..length]);
        if (_limits.ConnectionWindow > SendWindow.Default)
        {
            FrameWriter.WriteWindowUpdate(Transport, 0, _limits.ConnectionWindow - SendWindow.Default);
        }
    }

    private static void Put(Span<byte> payload, ref int length, SettingId id, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(payload[length..], (ushort)id);
        BinaryPrimitives.WriteInt32BigEndian(payload[(length + 2)..], value);
        length += 6;
    }

    private bool Has(State any) => (_state & any) != 0;
}
