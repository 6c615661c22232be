using System.Buffers.Binary;
using System.Net;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Http.V1;
using Outrider.Http.V2.FlowControl;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Hpack;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Client;

/// <summary>
/// A connection to a server that is known to speak HTTP/2 (RFC 9113 §3.3): many exchanges at once, each a request with its whole
/// body, each given to a receiver. On its loop.
/// </summary>
public sealed partial class Http2ClientConnection : TransportHandler
{
    // How much may wait for a server that does not read before it gets no more to do.
    private const int MostPendingOutput = 256 * 1024;

    private readonly IHttp2ClientOwner _owner;
    private readonly Dictionary<int, Http2ClientStream> _streams = [];
    private readonly FrameReader _frames = new();
    private readonly ResponseFields _fields;
    private readonly HttpLimits _limits;
    private ContinuedBlock _block;
    private SendWindow _sendWindow = new(SendWindow.Default);
    private ReceiveWindow _receiveWindow = new();
    private PeerSettings _peer = new();
    private int _nextId = 1;
    private bool _goAway, _connected, _settled;
    private string _reason = "";

    /// <summary>Starts to connect; the owner is told how that ends.</summary>
    /// <param name="loop">The loop, which is the current one.</param>
    /// <param name="owner">Who is told.</param>
    /// <param name="endPoint">Where to.</param>
    /// <param name="limits">Limits for the heads and trailers that the peer sends.</param>
    /// <param name="connectTimeout">In milliseconds.</param>
    public Http2ClientConnection(EventLoop loop, IHttp2ClientOwner owner, EndPoint endPoint, HttpLimits limits, int connectTimeout)
    {
        ArgumentNullException.ThrowIfNull(loop);
        _owner = owner;
        _limits = limits;
        _fields = new ResponseFields(new HpackDecoder(), limits);
        Transport = new Transport(loop, this);
        Transport.Connect(endPoint);
        Transport.Arm(connectTimeout);
    }

    /// <summary>The connection to the server.</summary>
    public Transport Transport { get; }

    /// <summary>May another stream begin now?</summary>
    public bool HasRoom => _connected && !Transport.IsClosed && !_goAway && _streams.Count < _peer.MaxStreams && (!Transport.IsWriteBlocked || Transport.PendingOutput < MostPendingOutput);

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

        var stream = new Http2ClientStream(this, _nextId, receiver, request.IsHead, _peer.InitialWindow);
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
            if (!Transport.IsClosed)
            {
                FrameWriter.WriteReset(Transport, stream.Id, code);
                _owner.OnRoom(this);
            }
        }
    }

    /// <inheritdoc/>
    public override void OnConnected()
    {
        Transport.Disarm();
        _connected = true;
        Transport.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Span<byte> settings = stackalloc byte[18];
        WriteSetting(settings, SettingId.EnablePush, 0);
        WriteSetting(settings[6..], SettingId.InitialWindowSize, ReceiveWindow.Size);
        WriteSetting(settings[12..], SettingId.MaxHeaderListSize, _limits.MaxHeaderBytes);
        FrameWriter.Write(Transport, FrameType.Settings, FrameFlags.None, 0, settings);
        FrameWriter.WriteWindowUpdate(Transport, 0, ReceiveWindow.Size - SendWindow.Default);
        _owner.OnConnected(this);
    }

    /// <inheritdoc/>
    public override void OnEndOfInput() => Transport.Close();

    /// <inheritdoc/>
    public override void OnWritten() => _owner.OnRoom(this);

    /// <inheritdoc/>
    public override void OnCut() => Transport.Close();

    /// <inheritdoc/>
    public override void OnTimer()
    {
        _reason = _connected ? _reason : "no connection in time";
        Transport.Close();
    }

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        Transport.Disarm();
        _frames.Release();
        _block.Drop();
        _fields.Release();
        _owner.OnClosed(this, error, _reason);
        var streams = _streams.Values.ToList();
        _streams.Clear();
        foreach (var stream in streams)
        {
            stream.Drop();
            bool protocol = _reason.Length > 0 && _connected;
            stream.Receiver.OnUpstreamReset(new UpstreamFailure(
                protocol ? ResetReason.ProtocolError : ResetReason.PeerClosed, error, NothingSent: !Transport.HasSent, WasReused: stream.Id > 1, stream.HasHead, null));
        }
    }

    private static void WriteSetting(Span<byte> to, SettingId id, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)id);
        BinaryPrimitives.WriteInt32BigEndian(to[2..], value);
    }

    // The response is complete.
    private void End(Http2ClientStream stream)
    {
        _ = _streams.Remove(stream.Id);
        if (!stream.Waiting.IsEmpty)
        {
            // An answer before the whole request was sent: the rest is not wanted (RFC 9113 §8.1).
            FrameWriter.WriteReset(Transport, stream.Id, Http2Error.Cancel);
        }

        Ended(stream);
    }

    // We end a stream on which the peer did something wrong.
    private void Reset(Http2ClientStream stream, Http2Error code)
    {
        _ = _streams.Remove(stream.Id);
        FrameWriter.WriteReset(Transport, stream.Id, code);
        Ended(stream);
        stream.Receiver.OnUpstreamReset(new UpstreamFailure(ResetReason.ProtocolError, 0, NothingSent: false, WasReused: false, stream.HasHead, null));
    }

    private void Ended(Http2ClientStream stream)
    {
        stream.Drop();
        if (_goAway && _streams.Count == 0)
        {
            Transport.Close();
        }
        else
        {
            _owner.OnRoom(this);
        }
    }
}
