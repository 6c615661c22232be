using System.Buffers.Binary;
using Outrider.Http.V2.FlowControl;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Sending;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Connections;

/// <summary>
/// Takes what the peer sends frame by frame: looks whether it may come now and is well formed, gathers header blocks, counts the connection's window,
/// answers SETTINGS and PING, and gives the rest to an <see cref="IFrameSink"/>. A part of its connection, of either side, never copied. Its methods throw
/// <see cref="Http2Exception"/> for what ends the connection.
/// </summary>
/// <param name="sender">The connection's: what the peer says of the connection's window goes to it.</param>
/// <param name="isServer">Is the peer a client, who begins the streams?</param>
/// <param name="maxFrame">The longest payload that is taken, in bytes.</param>
/// <param name="window">What the peer was told that it may send on all streams together, in bytes.</param>
internal struct FrameIntake(StreamSender sender, bool isServer, int maxFrame, int window)
{
    private readonly StreamSender _sender = sender;
    private readonly bool _isServer = isServer;
    private FrameReader _frames = new(maxFrame);
    private ContinuedBlock _block;
    private InflowWindow _window = new(window);
    private PeerSettings _peer = new();
    private bool _dependsOnItself;

    /// <summary>Have the peer's first SETTINGS come?</summary>
    internal bool IsSettled { readonly get; private set; }

    /// <summary>The highest number of a stream that has begun. Both sides' streams are begun by the client and have odd numbers.</summary>
    internal int LastId { readonly get; set; }

    /// <summary>What the peer allows.</summary>
    internal readonly PeerSettings Peer => _peer;

    /// <summary>Has nothing of a frame come?</summary>
    internal readonly bool IsFresh => _frames.IsFresh;

    /// <summary>Is a header block under way, if only by the beginning of its frame?</summary>
    internal readonly bool IsWithinBlock => _block.IsOpen || (_frames.HasMore && _frames.Frame.Type is FrameType.Headers or FrameType.Continuation);

    private readonly Transport Transport => _sender.Transport;

    /// <summary>Takes the next frame, or the next piece of DATA; false when more bytes are needed.</summary>
    /// <param name="data">What arrived; what was used is taken off.</param>
    /// <param name="sink">Who is told.</param>
    internal bool Read<TSink>(ref ReadOnlySpan<byte> data, TSink sink)
        where TSink : struct, IFrameSink
    {
        if (!_frames.Read(ref data, out var payload))
        {
            return false;
        }

        OnFrame(_frames.Frame, payload, sink);
        return true;
    }

    /// <summary>So many bytes of DATA are of no more concern to the connection's window.</summary>
    internal void Took(int count)
    {
        if (_window.Take(count) is > 0 and var more && !Transport.IsClosed)
        {
            FrameWriter.WriteWindowUpdate(Transport, 0, more);
        }
    }

    /// <summary>Gives its memory back; nothing is read after it.</summary>
    internal void Release()
    {
        _block.Drop();
        _frames.Release();
    }

    private void OnFrame<TSink>(FrameHeader frame, ReadOnlySpan<byte> payload, TSink sink)
        where TSink : struct, IFrameSink
    {
        if (!IsSettled && (frame.Type != FrameType.Settings || (frame.IsAnswer && _isServer)))
        {
            throw Http2Exception.Protocol("the first frame is not SETTINGS");
        }

        if (_block.IsOpen && frame.Type != FrameType.Continuation)
        {
            throw Http2Exception.Protocol("a header block is interrupted");
        }

        switch (frame.Type)
        {
            case FrameType.Data:
                OnData(frame, payload, sink);
                break;
            case FrameType.Headers:
                OnHeaders(frame, payload, sink);
                break;
            case FrameType.Continuation:
                OnContinuation(frame, payload, sink);
                break;
            default:
                sink.OnControl();
                OnControl(frame, payload, sink);
                break;
        }
    }

    private void OnData<TSink>(FrameHeader frame, ReadOnlySpan<byte> payload, TSink sink)
        where TSink : struct, IFrameSink
    {
        CheckStream(frame.StreamId);
        // Everything that comes counts, for a stream that is not wanted any more too (RFC 9113 §6.9.1).
        if (!_window.Arrive(payload.Length))
        {
            throw new Http2Exception(Http2Error.FlowControl, "more than the connection's window");
        }

        sink.OnData(frame.StreamId, FrameRules.Data(frame, payload), payload.Length, !_frames.HasMore && frame.Has(FrameFlags.EndStream));
    }

    private void OnHeaders<TSink>(FrameHeader frame, ReadOnlySpan<byte> payload, TSink sink)
        where TSink : struct, IFrameSink
    {
        if (!_isServer)
        {
            CheckStream(frame.StreamId);
        }
        else if (frame.StreamId % 2 == 0)
        {
            throw Http2Exception.Protocol($"HEADERS on stream {frame.StreamId}");
        }

        var fragment = FrameRules.Fragment(frame, payload);
        _dependsOnItself = frame.Has(FrameFlags.Priority)
            && (BinaryPrimitives.ReadInt32BigEndian(payload[(frame.Has(FrameFlags.Padded) ? 1 : 0)..]) & int.MaxValue) == frame.StreamId;
        if (frame.Has(FrameFlags.EndHeaders))
        {
            sink.OnBlock(frame.StreamId, fragment, frame.Has(FrameFlags.EndStream), _dependsOnItself);
            return;
        }

        _block.Begin(frame, fragment, sink.MaxHeaderBytes);
    }

    private void OnContinuation<TSink>(FrameHeader frame, ReadOnlySpan<byte> payload, TSink sink)
        where TSink : struct, IFrameSink
    {
        _block.Continue(frame, payload, sink.MaxHeaderBytes);
        if (!frame.Has(FrameFlags.EndHeaders))
        {
            sink.OnContinued(payload.Length);
            return;
        }

        try
        {
            sink.OnBlock(_block.StreamId, _block.Bytes, _block.EndsStream, _dependsOnItself);
        }
        finally
        {
            _block.Drop();
        }
    }

    private void OnControl<TSink>(FrameHeader frame, ReadOnlySpan<byte> payload, TSink sink)
        where TSink : struct, IFrameSink
    {
        switch (frame.Type)
        {
            case FrameType.Priority:
                sink.OnPriority(frame.StreamId, payload);
                break;
            case FrameType.ResetStream:
                CheckStream(frame.StreamId);
                FrameRules.CheckLength(payload, 4);
                uint code = BinaryPrimitives.ReadUInt32BigEndian(payload);
                _sender.Counts.OnReset(code);
                sink.OnReset(frame.StreamId, (Http2Error)code);
                break;
            case FrameType.Settings:
                OnSettings(frame, payload, sink);
                break;
            case FrameType.Ping:
                OnPing(frame, payload, sink);
                break;
            case FrameType.GoAway:
                OnGoAway(frame, payload, sink);
                break;
            case FrameType.WindowUpdate:
                OnWindowUpdate(frame, payload, sink);
                break;
            case FrameType.PushPromise:
                throw Http2Exception.Protocol("a push, which nobody may send here");
            default:
                // What is not known is passed over (RFC 9113 §5.5).
                break;
        }
    }

    private void OnSettings<TSink>(FrameHeader frame, ReadOnlySpan<byte> payload, TSink sink)
        where TSink : struct, IFrameSink
    {
        FrameRules.CheckSettings(frame, payload);
        if (frame.IsAnswer)
        {
            return;
        }

        bool isFirst = !IsSettled;
        IsSettled = true;
        var before = _peer;
        _peer.Apply(payload, isServer: !_isServer);
        sink.OnAnswering();
        FrameWriter.Write(Transport, FrameType.Settings, (FrameFlags)FrameHeader.Ack, 0, default);
        sink.OnSettings(before, isFirst);
    }

    private readonly void OnPing<TSink>(FrameHeader frame, ReadOnlySpan<byte> payload, TSink sink)
        where TSink : struct, IFrameSink
    {
        FrameRules.CheckConnection(frame);
        FrameRules.CheckLength(payload, 8);
        if (frame.IsAnswer)
        {
            sink.OnPingAnswer(payload);
            return;
        }

        sink.OnAnswering();
        FrameWriter.Write(Transport, FrameType.Ping, (FrameFlags)FrameHeader.Ack, 0, payload);
    }

    private readonly void OnGoAway<TSink>(FrameHeader frame, ReadOnlySpan<byte> payload, TSink sink)
        where TSink : struct, IFrameSink
    {
        FrameRules.CheckConnection(frame);
        if (payload.Length < 8)
        {
            throw new Http2Exception(Http2Error.FrameSize, "GOAWAY of a wrong size");
        }

        _sender.Counts.OnGoAway();
        sink.OnGoAway(BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue, (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]));
    }

    private readonly void OnWindowUpdate<TSink>(FrameHeader frame, ReadOnlySpan<byte> payload, TSink sink)
        where TSink : struct, IFrameSink
    {
        int more = FrameRules.Increment(payload);
        if (frame.StreamId == 0)
        {
            _sender.Grow(more);
            return;
        }

        CheckStream(frame.StreamId);
        sink.OnWindowUpdate(frame.StreamId, more);
    }

    /// <summary>Streams have odd numbers, and have begun before anything is said of them (RFC 9113 §5.1, "idle").</summary>
    private readonly void CheckStream(int id)
    {
        if (id % 2 == 0 || id > LastId)
        {
            throw Http2Exception.Protocol($"a frame on stream {id}");
        }
    }
}
