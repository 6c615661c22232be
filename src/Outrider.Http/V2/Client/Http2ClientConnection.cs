using System.Buffers.Binary;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.FlowControl;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Hpack;
using Outrider.Http.V2.Sending;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Client;

/// <summary>
/// A connection to an upstream that speaks HTTP/2 (RFC 9113): many exchanges at once, each with a <see cref="Http2ClientStream"/>. Its
/// windows are opened as receivers take what comes, so that they are the back-pressure. On its loop.
/// </summary>
public sealed partial class Http2ClientConnection : TransportHandler, IUpstreamConnection
{
    // An upstream that answers 1xx for ever would keep a stream for ever; no use of them needs more.
    private const int MaxInformational = 16;

    private const int FarewellMilliseconds = 1000;
    private const int MaxSpare = 64;

    private static readonly SendOrPostCallback s_tellNews = static state => ((Http2ClientConnection)state!).TellNews();

    private readonly IUpstreamConnectionOwner _owner;
    private readonly UpstreamLimits _limits;
    private readonly MultiplexCounts _counts;
    private readonly Dictionary<int, Http2ClientStream> _streams = [];
    // CONNECTs for another protocol that wait for the peer's settings, which have to allow them. They have no number yet.
    private readonly List<Http2ClientStream> _early = [];
    private readonly Stack<Http2ClientStream> _spare = [];
    private readonly Queue<Http2ClientStream> _news = [];
    private FrameReader _frames = new(FrameHeader.DefaultMaxLength);
    private readonly ResponseFields _fields;
    private ContinuedBlock _block;
    private InflowWindow _window;
    private PeerSettings _peer = new();
    private int _nextId = 1;
    private long _heardAt;
    private State _state;
    private string _reason = "";

    /// <summary>Takes over a transport: it becomes its handler, and says what HTTP/2 begins with. On the transport's loop.</summary>
    /// <param name="transport">The upstream's connection, established.</param>
    /// <param name="owner">Who is told.</param>
    /// <param name="limits">What the upstream may ask of memory and patience.</param>
    public Http2ClientConnection(Transport transport, IUpstreamConnectionOwner owner, UpstreamLimits limits)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(owner);
        _owner = owner;
        _limits = limits;
        _fields = new ResponseFields(new HpackDecoder(), limits.Message);
        _window = new InflowWindow(limits.ConnectionWindow);
        _heardAt = transport.Loop.Now;
        Transport = transport;
        _counts = owner.Counts ?? new MultiplexCounts();
        Sender = new StreamSender(transport, _counts);
        transport.Handler = this;
        transport.GatherOutput();
        transport.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Span<byte> settings = stackalloc byte[18];
        WriteSetting(settings, SettingId.EnablePush, 0);
        WriteSetting(settings[6..], SettingId.InitialWindowSize, limits.ExchangeWindow);
        WriteSetting(settings[12..], SettingId.MaxHeaderListSize, limits.Message.MaxHeaderBytes);
        FrameWriter.Write(transport, FrameType.Settings, FrameFlags.None, 0, settings);
        if (limits.ConnectionWindow > SendWindow.Default)
        {
            FrameWriter.WriteWindowUpdate(transport, 0, limits.ConnectionWindow - SendWindow.Default);
        }

        ArmNext();
    }

    [Flags]
    private enum State : byte
    {
        /// <summary>The peer's first SETTINGS have come.</summary>
        Settled = 1,

        /// <summary>No more exchanges begin.</summary>
        Draining = 2,

        /// <summary>It ends with an error, and nothing more is read.</summary>
        Failed = 4,

        /// <summary>A keepalive's answer is awaited.</summary>
        Pinged = 8,

        /// <summary>Streams wait to be told their news.</summary>
        NewsPosted = 16,

        /// <summary>The peer has refused a stream: it takes no more until one ends.</summary>
        Full = 32,

        /// <summary>What the peer has sent is not HTTP/2.</summary>
        Foreign = 64,
    }

    /// <inheritdoc/>
    public Transport Transport { get; }

    /// <inheritdoc/>
    public string Protocol => "HTTP/2";

    /// <inheritdoc/>
    public int FreeSlots => Has(State.Draining | State.Failed | State.Full) || Transport.IsClosed || Transport.IsClosing
        ? 0
        : Math.Max(0, Math.Min(_peer.MaxStreams, _limits.MaxConcurrentExchanges) - ActiveExchanges);

    /// <inheritdoc/>
    public int ActiveExchanges => _streams.Count + _early.Count;

    /// <inheritdoc/>
    public int ExchangeCount { get; private set; }

    /// <inheritdoc/>
    public override bool IsServedFirst => ActiveExchanges == 0;

    /// <inheritdoc/>
    public override bool ReadsAfterWriteFailure => true;

    internal StreamSender Sender { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no free slot.</exception>
    public IExchange Attach(IResponseReceiver receiver, RequestHead request, bool endStream)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(request);
        if (FreeSlots == 0)
        {
            throw new InvalidOperationException("the connection takes no more exchanges now");
        }

        bool connects = RequestFields.IsConnect(request, endStream);
        var stream = _spare.TryPop(out var spare) ? spare : new Http2ClientStream();
        stream.Begin(this, receiver, request, _limits.ExchangeWindow, endStream, connects);
        if (ActiveExchanges == 0)
        {
            _heardAt = Transport.Loop.Now;
            ArmNext();
        }

        ExchangeCount++;
        if (connects && !_peer.AllowsConnectProtocol)
        {
            _early.Add(stream);
            if (Has(State.Settled))
            {
                stream.RefuseLater();
            }
        }
        else
        {
            Open(stream, endStream, connects);
        }

        return stream;
    }

    private void Open(Http2ClientStream stream, bool endStream, bool connects)
    {
        stream.Open(_nextId, _peer.InitialWindow);
        _streams.Add(_nextId, stream);
        _counts.OnStream();
        // The last number belongs to a stream that nobody opens: RFC 9113 §5.1.1 wants a new connection then.
        _nextId += 2;
        if (_nextId >= int.MaxValue - 2)
        {
            _state |= State.Draining;
        }

        RequestFields.WriteHead(Transport, stream.Id, stream.Request, Transport.Tls is not null, endStream && !connects, connects);
    }

    /// <inheritdoc/>
    public void Rest(int idleTimeout)
    {
        if (Has(State.Settled))
        {
            Transport.Arm(idleTimeout);
        }
    }

    /// <inheritdoc/>
    public void Drain()
    {
        _state |= State.Draining;
        CloseIfDone();
    }

    /// <inheritdoc/>
    public override void OnEndOfInput() => Transport.Close();

    /// <inheritdoc/>
    public override void OnWritten() => Sender.Pump();

    /// <inheritdoc/>
    public override void OnCut() => Transport.Close();

    /// <inheritdoc/>
    public override void OnTimer()
    {
        long silent = Transport.Loop.Now - _heardAt;
        if (Has(State.Failed) || ActiveExchanges == 0)
        {
            // Nothing is under way: it has rested for as long as it may.
            Transport.Close();
        }
        else if (!Has(State.Settled))
        {
            _reason = $"it has not begun to speak HTTP/2 within {_limits.SettingsTimeout} ms";
            Transport.Close();
        }
        else if (Has(State.Pinged) && silent >= _limits.KeepaliveTimeout)
        {
            _reason = $"no answer to PING within {_limits.KeepaliveTimeout} ms";
            Transport.Close();
        }
        else
        {
            if (!Has(State.Pinged) && silent >= _limits.KeepaliveInterval)
            {
                _state |= State.Pinged;
                FrameWriter.Write(Transport, FrameType.Ping, FrameFlags.None, 0, "are you?"u8);
                _heardAt = Transport.Loop.Now;
            }

            ArmNext();
        }
    }

    /// <inheritdoc/>
    public override object? Owner => _owner;

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        Transport.Disarm();
        _frames.Release();
        _block.Drop();
        _fields.Release();
        bool spokeNever = !Has(State.Settled) && Transport.Tls is null && Transport.TlsFailure is null;
        if (spokeNever)
        {
            _owner.OnSpokeNever(Has(State.Foreign));
        }

        _owner.OnClosed(error, _reason);
        Http2ClientStream[] streams = [.. _streams.Values, .. _early];
        _streams.Clear();
        _early.Clear();
        bool protocol = Has(State.Failed);
        foreach (var stream in streams)
        {
            stream.Fail(new UpstreamFailure(
                protocol ? ResetReason.ProtocolError : ResetReason.PeerClosed, error, NothingSent: !Transport.HasSent || stream.Id == 0 || Has(State.Foreign),
                WasReused: stream.Id > 1, stream.HasHead, Has(State.Foreign) ? Http2Errors.NotHttp2 : null)
            {
                Tls = Transport.TlsFailure,
                SpokeNever = spokeNever,
            });
        }
    }

    /// <summary>So many bytes of DATA are of no more concern to the connection's window.</summary>
    internal void Took(int count)
    {
        if (_window.Take(count) is > 0 and var more && !Transport.IsClosed)
        {
            FrameWriter.WriteWindowUpdate(Transport, 0, more);
        }
    }

    /// <summary>The stream has something to tell that cannot be told from within a call.</summary>
    internal void HasNews(Http2ClientStream stream)
    {
        _news.Enqueue(stream);
        if (!Has(State.NewsPosted))
        {
            _state |= State.NewsPosted;
            Transport.Loop.Post(s_tellNews, this);
        }
    }

    /// <summary>The response is complete. What the request still had to send is not wanted any more (RFC 9113 §8.1).</summary>
    internal void Finish(Http2ClientStream stream)
    {
        if (!_streams.Remove(stream.Id))
        {
            return;
        }

        if (!stream.IsRequestSent && !Transport.IsClosed)
        {
            WriteReset(stream.Id, Http2Error.Cancel);
        }

        Ended(stream);
    }

    /// <summary>Gives a stream up; its receiver is not told.</summary>
    internal void Reset(Http2ClientStream stream, Http2Error code)
    {
        if (_early.Remove(stream))
        {
            Ended(stream);
            return;
        }

        if (!_streams.Remove(stream.Id))
        {
            return;
        }

        if (!Transport.IsClosed)
        {
            WriteReset(stream.Id, code);
        }

        Ended(stream);
    }

    private void WriteReset(int id, Http2Error code)
    {
        _counts.OnResetSent((uint)code);
        FrameWriter.WriteReset(Transport, id, code);
    }

    private void WriteGoAway(Http2Error code)
    {
        _counts.OnGoAwaySent();
        FrameWriter.WriteGoAway(Transport, code);
    }

    private static void WriteSetting(Span<byte> to, SettingId id, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)id);
        BinaryPrimitives.WriteInt32BigEndian(to[2..], value);
    }

    private void Ended(Http2ClientStream stream)
    {
        Sender.Remove(stream);
        stream.Release();
        _state &= ~State.Full;
        if (stream.IsFree && _spare.Count < MaxSpare)
        {
            _spare.Push(stream);
        }

        if (Has(State.Draining))
        {
            CloseIfDone();
        }
        else if (!Transport.IsClosed)
        {
            _owner.OnFreeSlots();
        }
    }

    private void CloseIfDone()
    {
        if (ActiveExchanges == 0 && !Transport.IsClosed && !Transport.IsClosing)
        {
            WriteGoAway(Http2Error.None);
            Transport.CloseWhenWritten(drain: false);
            Transport.Arm(FarewellMilliseconds);
        }
    }

    private void TellNews()
    {
        _state &= ~State.NewsPosted;
        // Those that come while these are told get their own turn.
        for (int count = _news.Count; count > 0; count--)
        {
            _news.Dequeue().TellNews();
        }
    }

    private void ArmNext()
    {
        if (!Has(State.Settled))
        {
            Transport.Arm(Math.Max(1, _limits.SettingsTimeout));
        }
        else if (_limits.KeepaliveInterval > 0)
        {
            Transport.Arm(Math.Max(1, (Has(State.Pinged) ? _limits.KeepaliveTimeout : _limits.KeepaliveInterval) - (Transport.Loop.Now - _heardAt)));
        }
        else
        {
            Transport.Disarm();
        }
    }

    private bool Has(State any) => (_state & any) != 0;
}
