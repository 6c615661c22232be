using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.Connections;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Sending;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Client;

/// <summary>
/// The exchanges of one connection to an upstream, each a <see cref="Http2ClientStream"/>: how many there may be, how each begins and ends, and that the
/// connection ends with the last one once it takes no more. A part of its connection; the streams know it alone.
/// </summary>
/// <param name="sender">Sends the requests' bodies.</param>
/// <param name="owner">Who is told of free slots.</param>
/// <param name="limits">How many exchanges there may be, and with which windows.</param>
internal sealed class ClientStreams(StreamSender sender, IUpstreamConnectionOwner owner, UpstreamLimits limits)
{
    private const int MaxSpare = 64;

    private readonly Dictionary<int, Http2ClientStream> _open = [];
    // CONNECTs for another protocol that wait for the peer's settings, which have to allow them. They have no number yet.
    private readonly List<Http2ClientStream> _early = [];
    private readonly Stack<Http2ClientStream> _spare = [];
    private readonly StreamNews _news = new(sender.Transport.Loop);
    private FrameIntake _frames = new(sender, isServer: false, FrameHeader.DefaultMaxLength, limits.ConnectionWindow);
    private int _nextId = 1;
    // The peer has refused a stream: it takes no more until one ends.
    private bool _isFull;

    /// <summary>The connection's Transport.</summary>
    internal Transport Transport => sender.Transport;

    /// <summary>Sends what streams have to send.</summary>
    internal StreamSender Sender => sender;

    /// <summary>Takes the upstream's frames: it knows what the upstream allows, and the connection's window.</summary>
    internal ref FrameIntake Frames => ref _frames;

    /// <summary>Writes what ends streams and the connection.</summary>
    internal ControlWriter Control => new(sender.Transport, sender.Counts);

    /// <summary>Do no more exchanges begin? The connection ends with those that have begun.</summary>
    internal bool IsDraining { get; private set; }

    /// <summary>Exchanges under way.</summary>
    internal int Count => _open.Count + _early.Count;

    /// <summary>How many more may begin.</summary>
    internal int Free => IsDraining || _isFull ? 0 : Math.Max(0, Math.Min(_frames.Peer.MaxStreams, limits.MaxConcurrentExchanges) - Count);

    /// <summary>The exchange of a number; null when it has ended.</summary>
    internal Http2ClientStream? Find(int id) => _open.GetValueOrDefault(id);

    /// <summary>Begins an exchange. There must be room for it.</summary>
    internal Http2ClientStream Begin(IResponseReceiver receiver, RequestHead request, bool endStream)
    {
        bool connects = RequestFields.IsConnect(request, endStream);
        var stream = _spare.TryPop(out var spare) ? spare : new Http2ClientStream();
        stream.Begin(this, receiver, request, limits.ExchangeWindow, endStream, connects);
        if (!connects || _frames.Peer.AllowsConnectProtocol)
        {
            Open(stream, endStream, connects);
            return stream;
        }

        _early.Add(stream);
        if (_frames.IsSettled)
        {
            stream.RefuseLater();
        }

        return stream;
    }

    /// <summary>So many bytes of DATA are of no more concern to the connection's window.</summary>
    internal void Took(int count) => _frames.Took(count);

    /// <summary>The stream has something to tell that cannot be told from within a call.</summary>
    internal void HasNews(Http2ClientStream stream) => _news.Add(stream);

    /// <summary>The response is complete. What the request still had to send is not wanted any more (RFC 9113 §8.1).</summary>
    internal void Finish(Http2ClientStream stream)
    {
        if (!_open.Remove(stream.Id))
        {
            return;
        }

        if (!stream.IsRequestSent && !Transport.IsClosed)
        {
            Control.Reset(stream.Id, Http2Error.Cancel);
        }

        End(stream);
    }

    /// <summary>Gives a stream up; its receiver is not told.</summary>
    internal void Reset(Http2ClientStream stream, Http2Error code)
    {
        if (_early.Remove(stream))
        {
            End(stream);
            return;
        }

        if (!_open.Remove(stream.Id))
        {
            return;
        }

        if (!Transport.IsClosed)
        {
            Control.Reset(stream.Id, code);
        }

        End(stream);
    }

    /// <summary>Ends a stream on which the peer did something wrong; its receiver is told.</summary>
    internal void Break(Http2ClientStream stream, Http2Error code)
    {
        if (_open.Remove(stream.Id))
        {
            Control.Reset(stream.Id, code);
            sender.Remove(stream);
            Fail(stream, new UpstreamFailure(ResetReason.ProtocolError, 0, NothingSent: false, WasReused: false, stream.HasHead, null));
        }
    }

    /// <summary>The peer resets a stream.</summary>
    internal void OnReset(int id, Http2Error code)
    {
        if (!_open.Remove(id, out var stream))
        {
            return;
        }

        bool refused = code == Http2Error.RefusedStream;
        sender.Remove(stream);
        _isFull |= refused && _open.Count > 0;
        Fail(stream, new UpstreamFailure(ResetReason.StreamReset, 0, NothingSent: refused, WasReused: refused, stream.HasHead, null) { Code = (uint)code });
    }

    /// <summary>The peer has said what it allows.</summary>
    /// <param name="before">What held before.</param>
    /// <param name="isFirst">It says so for the first time.</param>
    /// <exception cref="Http2Exception">A window cannot be that large.</exception>
    internal void OnSettings(PeerSettings before, bool isFirst)
    {
        var peer = _frames.Peer;
        if (peer.InitialWindow != before.InitialWindow)
        {
            Resize(peer.InitialWindow - before.InitialWindow);
        }

        if (isFirst && _early.Count > 0)
        {
            // They begin with the new window.
            DecideEarly(peer.AllowsConnectProtocol);
        }

        if (peer.MaxStreams > before.MaxStreams)
        {
            owner.OnFreeSlots();
        }
    }

    /// <summary>The peer takes more of a stream.</summary>
    internal void Grow(int id, int more)
    {
        if (Find(id) is not { } stream)
        {
            return;
        }

        var wrong = sender.Grow(stream, more);
        if (wrong != Http2Error.None)
        {
            Break(stream, wrong);
        }
    }

    /// <summary>No more exchanges begin.</summary>
    internal void TakeNoMore() => IsDraining = true;

    /// <summary>The peer serves no stream behind a number: they may be sent again elsewhere.</summary>
    internal void RefuseBehind(int lastId)
    {
        foreach (var stream in _open.Values.Where(stream => stream.Id > lastId).ToList())
        {
            if (_open.Remove(stream.Id))
            {
                sender.Remove(stream);
                stream.Fail(new UpstreamFailure(ResetReason.StreamReset, 0, NothingSent: true, WasReused: true, ResponseBegun: false, null) { Code = (uint)Http2Error.RefusedStream });
            }
        }
    }

    /// <summary>Closes a connection that takes no more exchanges when none is under way.</summary>
    internal void CloseIfDone()
    {
        if (Count == 0 && !Transport.IsClosed && !Transport.IsClosing)
        {
            Control.GoAway(Http2Error.None);
            Control.Close(drain: false);
        }
    }

    /// <summary>The connection is closed: all end, and each is told.</summary>
    /// <param name="failure">What is told to all; what is of each stream is put in.</param>
    /// <param name="nothingSent">Has the peer taken nothing of any?</param>
    internal void FailAll(UpstreamFailure failure, bool nothingSent)
    {
        Http2ClientStream[] streams = [.. _open.Values, .. _early];
        _open.Clear();
        _early.Clear();
        foreach (var stream in streams)
        {
            stream.Fail(failure with { NothingSent = nothingSent || stream.Id == 0, WasReused = stream.Id > 1, ResponseBegun = stream.HasHead });
        }
    }

    private void Open(Http2ClientStream stream, bool endStream, bool connects)
    {
        _frames.LastId = _nextId;
        stream.Open(_nextId, _frames.Peer.InitialWindow);
        _open.Add(_nextId, stream);
        sender.Counts.OnStream();
        // The last number belongs to a stream that nobody opens: RFC 9113 §5.1.1 wants a new connection then.
        _nextId += 2;
        IsDraining |= _nextId >= int.MaxValue - 2;
        RequestFields.WriteHead(Transport, stream.Id, stream.Request, Transport.Tls is not null, endStream && !connects, connects);
    }

    private void Resize(int difference)
    {
        foreach (var stream in _open.Values)
        {
            sender.Resize(stream, difference);
        }

        sender.Pump();
    }

    private void DecideEarly(bool areAllowed)
    {
        if (!areAllowed)
        {
            _early.ForEach(stream => stream.RefuseLater());
            return;
        }

        _early.ForEach(stream => Open(stream, endStream: true, connects: true));
        _early.Clear();
    }

    private void End(Http2ClientStream stream)
    {
        sender.Remove(stream);
        stream.Release();
        _isFull = false;
        if (stream.IsFree && _spare.Count < MaxSpare)
        {
            _spare.Push(stream);
        }

        OnFreeSlot();
    }

    private void Fail(Http2ClientStream stream, UpstreamFailure failure)
    {
        stream.Fail(failure);
        OnFreeSlot();
    }

    private void OnFreeSlot()
    {
        if (IsDraining)
        {
            CloseIfDone();
        }
        else if (!Transport.IsClosed)
        {
            owner.OnFreeSlots();
        }
    }
}
