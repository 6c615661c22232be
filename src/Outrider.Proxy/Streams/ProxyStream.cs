using System.Diagnostics;
using Outrider.Filters;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Snapshots;
using Outrider.Proxy.Streams.Callouts;
using Outrider.Proxy.Streams.Contexts;
using Outrider.Proxy.Streams.Destinations;
using Outrider.Proxy.Streams.Exchanges;
using Outrider.Proxy.Streams.Paths;
using Outrider.Proxy.Streams.Records;
using Outrider.Proxy.Streams.Replies;

namespace Outrider.Proxy.Streams;

/// <summary>
/// One request and its response, from the first byte to the last: joins the client's side, the two ways through the filters
/// and the exchange with the upstream. It lives on one loop and is used again when it has ended.
/// </summary>
internal sealed class ProxyStream : ServerStream, IExchangeOwner, IPathOwner, IReplyOwner, IDeadlineOwner, IFilterUser
{
    private readonly ListenerStreams _listener;
    private readonly FilterUse _use;
    private readonly FilterChain _filters;
    private readonly FilterEvents _events;
    private readonly StreamDeadline _deadline;
    private readonly RequestDestination _destination;
    private readonly UpstreamExchange _exchange;
    private readonly RequestPath _requestPath;
    private readonly ResponsePath _responsePath;
    private readonly FilterReplies _replies;
    private readonly StreamCallouts _callouts;
    private readonly StreamFlow _flow;
    private readonly KeptResources _kept = new();
    private readonly ProxyStreamContext _context;
    private int _placeInUse;
    private bool _begun, _concluded;

    internal ProxyStream(ListenerStreams listener, ListenerSnapshot snapshot, FilterUse use)
    {
        _listener = listener;
        _use = use;
        Record = new StreamRecord(this, listener.Services, snapshot);
        _filters = new FilterChain(snapshot.Filters, Record.Loop, listener.Services.FilterCosts);
        _events = new FilterEvents(Record, _filters);
        _deadline = new StreamDeadline(Record.Loop, this);
        _destination = new RequestDestination(Record);
        _exchange = new UpstreamExchange(Record, _destination, _deadline, this);
        _requestPath = new RequestPath(Record, _filters, _destination, _exchange, this);
        _responsePath = new ResponsePath(Record, _filters, _exchange, this);
        _replies = new FilterReplies(Record, _requestPath, _responsePath, _exchange, _deadline, this);
        _callouts = new StreamCallouts(Record, this, _kept);
        _flow = new StreamFlow(this, _requestPath, _responsePath, _exchange, _callouts, _replies);
        _context = new ProxyStreamContext(Record, _filters, _destination, _exchange, _requestPath, _responsePath, _replies, _callouts, _kept, this);
        _destination.Context = _context;
    }

    /// <summary>What is known of the request and its response.</summary>
    internal StreamRecord Record { get; }

    /// <summary>What access logs see of it.</summary>
    internal StreamLogSource LogSource => _context.LogSource;

    /// <inheritdoc/>
    public bool IsFilterWaiting => _filters.CallsWaitedFor > 0 || _replies.IsWriting;

    /// <inheritdoc/>
    void IFilterUser.EndEarly(string reason) => Terminate(reason);

    /// <summary>Makes the stream ready for a request.</summary>
    internal void Renew()
    {
        _placeInUse = _use.Begin(this);
        if (_concluded)
        {
            _requestPath.Reset();
            _responsePath.Reset();
            _exchange.Reset();
            _destination.Reset();
            _replies.Reset();
            _context.Reset();
            _events.Reset();
            Record.Reset();
            _begun = _concluded = false;
        }
    }

    public override void OnBegin()
    {
        Record.Times.Started = Record.Loop.Timestamp;
        Record.Addresses.Remote = Record.Addresses.Peer = Transport.RemoteAddress;
    }

    public override void OnRequestHead(bool endStream)
    {
        _begun = true;
        Record.Id = _listener.NextStreamId();
        _listener.OnStreamBegan();
        Record.Addresses.Remote = _listener.Forwarding.ClientOf(Record);
        _listener.Forwarding.Apply(Record);
        if (_filters.Count > 0)
        {
            try
            {
                _filters.Begin(_context);
            }
            catch (Exception e)
            {
                OnFilterFailed(_filters.Making, e);
                return;
            }
        }

        if (Transport.Tls is { } tls && Record.Snapshot.Tls is { } acceptor && acceptor.IsMisdirected(Request.Authority, tls))
        {
            FailRequest(421, ResponseFlags.DownstreamProtocolError, "this connection's TLS handshake was for another name");
        }
        else if (Record.Services.Refuse(Record.Id) is not ResponseFlags.None and var refusal)
        {
            FailRequest(503, refusal, "overloaded");
        }
        else
        {
            _requestPath.OnHead(endStream);
        }
    }

    public override void OnRequestData(ReadOnlySpan<byte> data, bool endStream)
    {
        Record.BytesIn += data.Length;
        _requestPath.Walk.OnData(data, endStream);
    }

    public override void OnRequestTrailers() => _requestPath.Walk.OnTrailers();

    public override void OnRequestReset(ResetReason reason, ProtocolError? error)
    {
        if (Record.HasEnded)
        {
            return;
        }

        if (error is not null && !Record.HasResponse)
        {
            FailRequest(error.Status, RefusedRequest.FlagOf(error), error.Message);
            return;
        }

        (Record.Details, var flags) = ClientResets.Of(reason, error, Record.IsTunnel);
        Abort(flags);
    }

    public override void OnResponseBlocked()
    {
        if (_deadline.Kind == DeadlineKind.ResponseBody)
        {
            _deadline.Clear();
        }

        _replies.OnClientBlocked();
        _events.TellOfClient(blocked: true);
        UpdateFlow();
    }

    public override void OnResponseWritten()
    {
        _events.TellOfClient(blocked: false);
        if (!Record.HasEnded && !IsFilterWaiting)
        {
            _exchange.RestoreDeadline();
        }

        UpdateFlow();
    }

    public void UpdateFlow()
    {
        if (!Record.HasEnded)
        {
            _flow.Update();
        }
    }

    public void OnUpstreamHead(bool endStream)
    {
        Record.Times.ResponseReceived = Record.Loop.Timestamp;
        Record.Route!.ApplyToResponse(Record.Response);
        _destination.ApplyAffinity(Record.Response, _exchange.Cluster!, _exchange.Host!);
        _responsePath.OnHead(endStream);
    }

    public void OnUpstreamData(ReadOnlySpan<byte> data, bool endStream) => _responsePath.OnData(data, endStream);

    public void OnUpstreamTrailers() => _responsePath.OnTrailers();

    public void OnTunnelEnded() => OnResponseSent();

    public void OnFilterWaits()
    {
        _deadline.Set(DeadlineKind.Filter, Record.Services.FilterTimeout);
        UpdateFlow();
    }

    public bool OnFilterResumed()
    {
        if (!Record.HasEnded)
        {
            if (!IsFilterWaiting)
            {
                _exchange.RestoreDeadline();
            }

            return true;
        }

        ConcludeIfDone();
        return false;
    }

    public void OnDeadline(DeadlineKind kind)
    {
        switch (kind)
        {
            case DeadlineKind.None:
                break;
            case DeadlineKind.Filter:
                OnFilterFailed(
                    _requestPath.Walk.WaitingFilter ?? _responsePath.Walk.WaitingFilter ?? _replies.Filter ?? "(none)",
                    new TimeoutException($"no answer after {Record.Services.FilterTimeout} ms (filter_timeout)"));
                break;
            case DeadlineKind.ResponseBody when Connection.IsWriteBlocked:
                break;
            default:
                _exchange.OnTimeout(kind);
                break;
        }
    }

    /// <summary>The upstream will not answer, or not to the end: the client gets an answer as long as none has begun, and a cut after that.</summary>
    public void FailUpstream(int status, ResponseFlags flags, string reason, string? told = null)
    {
        if (Record.HasEnded)
        {
            return;
        }

        Record.Details = reason;
        if (Record.IsHeadSent)
        {
            Record.Services.LogOf(Record.Id, StreamLogLevel.Warn, "response cut off: " + reason);
            Abort(flags);
            return;
        }

        if (Record.HasResponse)
        {
            // The response's filters were collecting it, or still at its head; nothing has reached the client.
            _replies.DropResponse();
        }

        FailRequest(status, flags, told ?? reason);
    }

    public void FailRequest(int status, ResponseFlags flags, string reason)
    {
        Record.Flags |= flags;
        _replies.Cancel();
        Record.Details ??= reason;
        _responsePath.Reply(status, reason, null);
    }

    public void FailResponseTooLarge()
    {
        _replies.Cancel();
        FailUpstream(502, ResponseFlags.EntityTooLarge, "the response is larger than filters may collect");
    }

    /// <summary>A filter threw, or answered what it may not: this stream fails, and no other.</summary>
    public void OnFilterFailed(string filter, Exception failure)
    {
        Record.Services.OnFilterError(Record.Id, filter, failure);
        if (Record.HasEnded)
        {
            return;
        }

        Record.Flags |= ResponseFlags.FilterError;
        _replies.Cancel();
        if (Record.IsHeadSent)
        {
            Abort(ResponseFlags.FilterError);
            return;
        }

        // The response's own way may be what failed: it starts anew, past all filters.
        Record.Details = "filter " + filter + " failed";
        _responsePath.Reset();
        _responsePath.Walk.PassBy = true;
        _responsePath.Reply(500, "internal error", null);
    }

    public void ReplyOfRoute(LocalReply reply) => _responsePath.Reply(reply.Status, null, reply);

    public void ReplyOfFilter(FilterAction answer, string filter) => _replies.Reply(answer, filter);

    public bool OnLocalReply(int status)
    {
        // Whatever the request's filters are still doing is of no more use.
        _requestPath.Walk.Close();
        return _events.TellOfLocalReply(status, Record.Details);
    }

    public void CancelResponse() => _replies.Cancel();

    public void OnResponseSent()
    {
        if (!Record.HasEnded)
        {
            End();
        }
    }

    public void Terminate(string details = "terminated by a filter")
    {
        Record.Details = details;
        Abort(ResponseFlags.None);
    }

    public void ConcludeIfDone()
    {
        if (!IsFilterWaiting)
        {
            Conclude();
        }
    }

    /// <summary>The codec refused the request before it became one.</summary>
    internal void ConcludeUnused()
    {
        Record.HasEnded = true;
        Conclude();
    }

    /// <summary>The codec refused the request, and tells the client so itself.</summary>
    internal void ConcludeRefused(ProtocolError error, bool isCall)
    {
        Record.HasEnded = true;
        Record.Refusal = new(error, isCall);
        Record.Id = 0;
        Record.Times.Ended = Stopwatch.GetTimestamp();
        Record.Details = error.Message;
        // In HTTP/2 a head says all there is to say.
        Record.BytesOut = Record.Request.IsHttp2 ? 0 : error.Text.Length;
        Record.Flags |= RefusedRequest.FlagOf(error);
        CaptureAddresses();
        _listener.OnStreamRefused(this);
        Conclude();
    }

    /// <summary>Ends the stream before its time; the client sees that there is no (whole) response.</summary>
    private void Abort(ResponseFlags flags)
    {
        if (Record.HasEnded)
        {
            return;
        }

        Record.Flags |= flags;
        Record.EarlyEnd.Come();
        Connection.Reset();
        End();
    }

    /// <summary>The end, which comes once: before its time or after the last byte, and whole only when no filter is at work any more.</summary>
    private void End()
    {
        Record.HasEnded = true;
        Record.Times.Ended = Stopwatch.GetTimestamp();
        _deadline.Stop();
        _requestPath.Walk.Close();
        _responsePath.Walk.Close();
        _replies.Cancel();
        _callouts.End();
        CaptureAddresses();
        Connection.EndStream(this);
        _events.TellOfEnding();
        if (IsFilterWaiting)
        {
            // The filter learns that nobody waits any more, and the stream stays until it has let go.
            Record.EarlyEnd.Come();
            _events.TellOfEarlyEnd();
            return;
        }

        if (Record.EarlyEnd.HasCome)
        {
            _events.TellOfEarlyEnd();
        }

        Conclude();
    }

    private void CaptureAddresses()
    {
        if (Record.NeedsAddresses)
        {
            Record.Addresses.Local = Transport.LocalAddress;
        }
    }

    private void Conclude()
    {
        if (_concluded)
        {
            return;
        }

        _concluded = true;
        if (_begun)
        {
            _events.TellOfLog();
            _listener.OnStreamEnded(this);
            _events.Destroy();
            _kept.Release();
        }

        _requestPath.Walk.Release();
        _responsePath.Release();
        _exchange.Release();
        _use.End(_placeInUse);
        _listener.Return(this);
    }
}
