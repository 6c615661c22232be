using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Streams;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>The request's way out: its body and trailers, as the connection takes them.</summary>
internal sealed partial class UpstreamExchange
{
    /// <summary>Must the client wait with the rest of its request?</summary>
    internal bool HoldsRequest => (_state & State.Started) != 0
        && (_exchange is null
            ? (_state & State.ResponseBegun) == 0
            : (_state & State.WriteBlocked) != 0 && _exchange.PendingOutput >= BufferLimit);

    internal void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (stream.IsTunnel)
        {
            SendTunnel(data, endStream);
            return;
        }

        _bodySent += data.Length;
        if (endStream)
        {
            _state |= State.RequestEnded;
        }

        if (_declared >= 0 && (_bodySent > _declared || (endStream && _bodySent < _declared)))
        {
            FailLength();
            return;
        }

        if (_exchange is null)
        {
            if ((_state & State.ResponseBegun) != 0)
            {
                // The upstream has answered without it, and takes no more.
                return;
            }

            // Still connecting. The client is held back, so this is one read's worth.
            _kept.Add(data);
            stream.UpdateFlow();
            return;
        }

        _kept.AddSent(data);
        _pool!.Stats.BytesOut += data.Length;
        _exchange.SendData(data, endStream);
        NoteBlocked();
        if (endStream)
        {
            AwaitResponse();
        }
        else if ((_state & State.WriteBlocked) != 0)
        {
            stream.UpdateFlow();
        }
    }

    private void SendTunnel(ReadOnlySpan<byte> data, bool endStream)
    {
        _pool!.Stats.BytesOut += data.Length;
        _exchange?.SendData(data, endStream);
        NoteBlocked();
        if (!endStream)
        {
            if ((_state & State.WriteBlocked) != 0)
            {
                stream.UpdateFlow();
            }

            return;
        }

        _state |= State.ClientEnded;
        if (TunnelEnded)
        {
            Finish();
            stream.OnResponseSent();
        }
    }

    internal void SendTrailers(HeaderBlock trailers)
    {
        _state |= State.RequestEnded | State.HasTrailers;
        if (_declared > _bodySent)
        {
            FailLength();
            return;
        }

        if (_exchange is not null)
        {
            _exchange.SendTrailers(trailers);
            AwaitResponse();
        }
    }

    // What waits for a window is known at once, what waits for the kernel when the event at hand is done.
    private void NoteBlocked() => _state |= _exchange is { IsWriteBlocked: true } ? State.WriteBlocked : 0;

    private void Send(IUpstreamConnection connection)
    {
        Tls = connection.Transport.Tls;
        Protocol = connection.Protocol;
        _state &= ~State.WriteBlocked;
        if (stream.NeedsAddresses)
        {
            stream.Context.CaptureUpstream(connection.Transport.LocalAddress);
        }

        stream.Route!.ApplyHost(stream.Request, _cluster!, Host!);
        _active.Begin(Host!, stream.Loop, _pool!.Stats);
        stream.OnRequestSending();
        bool ended = (_state & State.RequestEnded) != 0;
        bool trailers = (_state & State.HasTrailers) != 0;
        var exchange = connection.Attach(this, stream.Request, ended && _kept.IsEmpty && !trailers);
        _exchange = exchange;
        if (!_kept.IsEmpty)
        {
            _pool.Stats.BytesOut += _kept.Length;
            exchange.SendData(_kept.Span, ended && !trailers);
            NoteBlocked();
            if (!ended)
            {
                _kept.DropIfLarge();
            }
        }

        if (trailers)
        {
            exchange.SendTrailers(stream.RequestTrailers);
        }

        AwaitResponse();
    }

    public void OnRequestBlocked()
    {
        _state |= State.WriteBlocked;
        AwaitResponse();
        stream.UpdateFlow();
    }

    public void OnRequestProgress()
    {
        if (stream.Deadline.Kind == DeadlineKind.RequestSend)
        {
            stream.Deadline.Set(DeadlineKind.RequestSend, stream.Site.SendTimeout);
        }
    }

    public void OnRequestWritten()
    {
        _state &= ~State.WriteBlocked;
        AwaitResponse();
        stream.UpdateFlow();
    }

    // The client's codec has kept the client to its word, so this is a filter's doing.
    private void FailLength() => stream.OnFilterFailed(
        stream.Snapshot.Filters.NamesWith(StreamFilterMethods.DecodeHeaders | StreamFilterMethods.DecodeData),
        new InvalidOperationException(
            $"content-length says {_declared} bytes, a filter made them {(_bodySent > _declared ? "more" : "fewer")}; remove the header in DecodeHeadersAsync"));
}
