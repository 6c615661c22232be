using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using Outrider.Http.V1;
using Outrider.Net;

namespace Outrider.Http.V2;

/// <summary>
/// A connection to a server that is known to speak HTTP/2 (RFC 9113 §3.3): many exchanges at once, each a request with its whole
/// body, each given to a receiver. On its loop.
/// </summary>
public sealed partial class Http2ClientConnection : Connection
{
    // What the peer may send us unread, for the connection and for each stream. Receivers take everything at once, so it is a matter of
    // how often we have to say so.
    private const int ReceiveWindow = 1 << 20;

    // RFC 9113 §6.9.2: what both sides begin with.
    private const int DefaultWindow = 65_535;

    // One that makes us answer pings and takes no answers is not served on.
    private const int MostUnsentAnswers = 64 * 1024;

    private const int MostInformational = 16;

    // How much may wait for a server that does not read before it gets no more to do.
    private const int MostPendingOutput = 256 * 1024;

    private const int FarewellMilliseconds = 1000;

    private readonly IHttp2ClientOwner _owner;
    private readonly Dictionary<int, Http2ClientStream> _streams = [];
    private readonly FrameReader _frames = new();
    private readonly HpackDecoder _decoder = new();
    private readonly ResponseFields _fields;
    private readonly HttpLimits _limits;
    private long _sendWindow = DefaultWindow;
    private int _receiveWindow = ReceiveWindow;
    private int _peerStreamWindow = DefaultWindow;
    private int _peerMaxFrame = FrameHeader.DefaultMaxLength;
    private int _peerMaxStreams = int.MaxValue;
    private int _nextId = 1;
    private bool _goAway, _connected, _settled;
    private string _reason = "";

    /// <summary>Starts to connect; the owner is told how that ends.</summary>
    /// <param name="loop">The loop, which is the current one.</param>
    /// <param name="owner">Who is told.</param>
    /// <param name="endPoint">Where to.</param>
    /// <param name="limits">Limits for the heads and trailers that the peer sends.</param>
    /// <param name="connectTimeout">In milliseconds.</param>
    public Http2ClientConnection(EventLoop loop, IHttp2ClientOwner owner, EndPoint endPoint, HttpLimits limits, int connectTimeout) : base(loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        _owner = owner;
        _limits = limits;
        _fields = new ResponseFields(_decoder, limits);
        Connect(endPoint);
        loop.Arm(this, connectTimeout);
    }

    /// <summary>May another stream begin now?</summary>
    public bool HasRoom => _connected && !IsClosed && !_goAway && _streams.Count < _peerMaxStreams && (!IsWriteBlocked || PendingOutput < MostPendingOutput);

    /// <summary>How many exchanges are under way.</summary>
    public int StreamCount => _streams.Count;

    /// <summary>Begins an exchange. Only while <see cref="HasRoom"/>.</summary>
    /// <param name="receiver">Who is told of the response.</param>
    /// <param name="request">The head; read before this returns.</param>
    /// <param name="isHttps">The scheme that the request names.</param>
    /// <param name="body">The whole body. What the peer's windows do not let through yet is copied and follows.</param>
    /// <exception cref="InvalidOperationException">There is no room.</exception>
    public Http2ClientStream Send(IResponseReceiver receiver, RequestHead request, bool isHttps, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(request);
        if (!HasRoom)
        {
            throw new InvalidOperationException("the connection takes no more streams now");
        }

        var stream = new Http2ClientStream(this, _nextId, receiver, request.IsHead, _peerStreamWindow, ReceiveWindow);
        _streams.Add(_nextId, stream);
        // The last number belongs to a stream that nobody opens: RFC 9113 §5.1.1 wants a new connection then.
        _nextId += 2;
        _goAway = _nextId >= int.MaxValue - 2;
        SendHead(stream.Id, request, isHttps, endStream: body.IsEmpty);
        if (!body.IsEmpty)
        {
            int sent = SendBody(stream, body);
            if (sent < body.Length)
            {
                stream.Keep(body[sent..]);
            }
        }

        return stream;
    }

    internal void Cancel(Http2ClientStream stream, Http2Error code)
    {
        if (_streams.Remove(stream.Id))
        {
            stream.Drop();
            if (!IsClosed)
            {
                SendReset(stream.Id, code);
                _owner.OnRoom(this);
            }
        }
    }

    /// <inheritdoc/>
    protected override void OnConnected()
    {
        EventLoop.Disarm(this);
        _connected = true;
        Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Span<byte> settings = stackalloc byte[18];
        WriteSetting(settings, SettingId.EnablePush, 0);
        WriteSetting(settings[6..], SettingId.InitialWindowSize, ReceiveWindow);
        WriteSetting(settings[12..], SettingId.MaxHeaderListSize, _limits.MaxHeaderBytes);
        WriteFrame(FrameType.Settings, FrameFlags.None, 0, settings);
        SendWindowUpdate(0, ReceiveWindow - DefaultWindow);
        _owner.OnConnected(this);
    }

    /// <inheritdoc/>
    protected override void OnEndOfInput() => Close();

    /// <inheritdoc/>
    protected override void OnWritten() => _owner.OnRoom(this);

    /// <inheritdoc/>
    protected override void OnTimer()
    {
        _reason = _connected ? _reason : "no connection in time";
        Close();
    }

    /// <inheritdoc/>
    protected override void OnClosed(int error)
    {
        EventLoop.Disarm(this);
        _frames.Release();
        DropBlock();
        _decoder.Release();
        _owner.OnClosed(this, error, _reason);
        var streams = _streams.Values.ToList();
        _streams.Clear();
        foreach (var stream in streams)
        {
            stream.Drop();
            bool protocol = _reason.Length > 0 && _connected;
            stream.Receiver.OnUpstreamReset(new UpstreamFailure(
                protocol ? ResetReason.ProtocolError : ResetReason.PeerClosed, error, NothingSent: !HasSent, WasReused: stream.Id > 1, stream.HasHead, null));
        }
    }

    private static void WriteSetting(Span<byte> to, SettingId id, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)id);
        BinaryPrimitives.WriteInt32BigEndian(to[2..], value);
    }

    private void SendHead(int id, RequestHead request, bool isHttps, bool endStream)
    {
        int size = 16 + HpackEncoder.MaxLength(0, request.Method.Length) + HpackEncoder.MaxLength(0, request.Target.Length) + HpackEncoder.MaxLength(0, request.Authority.Length);
        for (int i = 0; i < request.Fields.Count; i++)
        {
            size += HpackEncoder.MaxLength(request.Fields.NameAt(i).Length, request.Fields.ValueAt(i).Length);
        }

        byte[]? rented = size > 1024 ? ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> block = rented ?? stackalloc byte[1024];
        int length = request.Method.SequenceEqual("POST"u8) ? HpackEncoder.WriteIndexed(block, StaticTable.MethodPost)
            : request.Method.SequenceEqual("GET"u8) ? HpackEncoder.WriteIndexed(block, StaticTable.MethodGet)
            : HpackEncoder.Write(block, StaticTable.MethodGet, request.Method);
        length += HpackEncoder.WriteIndexed(block[length..], isHttps ? StaticTable.SchemeHttps : StaticTable.SchemeHttp);
        length += HpackEncoder.Write(block[length..], StaticTable.Path, request.Target);
        length += HpackEncoder.Write(block[length..], StaticTable.Authority, request.Authority);
        for (int i = 0; i < request.Fields.Count; i++)
        {
            length += HpackEncoder.Write(block[length..], request.Fields.NameAt(i), request.Fields.ValueAt(i));
        }

        ReadOnlySpan<byte> rest = block[..length];
        var type = FrameType.Headers;
        var flags = endStream ? FrameFlags.EndStream : FrameFlags.None;
        do
        {
            var piece = rest[..Math.Min(rest.Length, _peerMaxFrame)];
            rest = rest[piece.Length..];
            WriteFrame(type, rest.IsEmpty ? flags | FrameFlags.EndHeaders : flags, id, piece);
            type = FrameType.Continuation;
            flags = FrameFlags.None;
        }
        while (!rest.IsEmpty);

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // As much as the windows allow; returns how much that was.
    private int SendBody(Http2ClientStream stream, ReadOnlySpan<byte> body)
    {
        int sent = 0;
        while (sent < body.Length)
        {
            int count = (int)Math.Min(Math.Min(body.Length - sent, _peerMaxFrame), Math.Min(_sendWindow, stream.SendWindow));
            if (count <= 0)
            {
                break;
            }

            WriteFrame(FrameType.Data, sent + count == body.Length ? FrameFlags.EndStream : FrameFlags.None, stream.Id, body.Slice(sent, count));
            sent += count;
            _sendWindow -= count;
            stream.SendWindow -= count;
        }

        return sent;
    }

    private void SendWaiting(Http2ClientStream stream)
    {
        if (!stream.Waiting.IsEmpty)
        {
            stream.Sent(SendBody(stream, stream.Waiting));
        }
    }

    private void SendReset(int id, Http2Error code)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, (uint)code);
        WriteFrame(FrameType.ResetStream, FrameFlags.None, id, payload);
    }

    private void SendWindowUpdate(int id, int more)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, more);
        WriteFrame(FrameType.WindowUpdate, FrameFlags.None, id, payload);
    }

    private void WriteFrame(FrameType type, FrameFlags flags, int id, ReadOnlySpan<byte> payload)
    {
        new FrameHeader(payload.Length, type, flags, id).Write(GetSpan(FrameHeader.Size));
        Advance(FrameHeader.Size);
        Write(payload);
    }
}
