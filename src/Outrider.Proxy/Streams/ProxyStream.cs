using System.Diagnostics;
using Outrider.Filters;
using Outrider.Http;
using Outrider.Http.V1;
using Outrider.Net;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Server;
using Outrider.Proxy.Streams.Exchanges;
using Outrider.Proxy.Streams.Paths;

namespace Outrider.Proxy.Streams;

/// <summary>
/// One request and its response, from the first byte to the last: joins the client's side, the two ways through the filters
/// and the exchange with the upstream. It lives on one loop and is used again when it has ended.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The token source is disposed when the stream is used again; a stream itself has no end that somebody could dispose.")]
internal sealed partial class ProxyStream : ServerStream
{
    private static readonly Func<StreamFilter, bool> s_blocked = filter =>
    {
        filter.OnResponseBlocked();
        return true;
    };

    private static readonly Func<StreamFilter, bool> s_unblocked = filter =>
    {
        filter.OnResponseUnblocked();
        return true;
    };

    private readonly FilterChain _filters;
    private readonly FilterUse _use;
    private readonly ProxyStreamContext _context;
    private HeaderBlock? _responseTrailers;
    private CancellationTokenSource? _aborted;
    private bool _begun, _ended, _concluded, _wasAborted, _clientBlocked;

    internal ProxyStream(ListenerLoop site, ListenerSnapshot snapshot, FilterUse use)
    {
        _use = use;
        Site = site;
        Snapshot = snapshot;
        Loop = site.Loop;
        _filters = new FilterChain(snapshot.Filters, site.Loop);
        Deadline = new StreamDeadline(this);
        RequestPath = new RequestPath(this, _filters);
        ResponsePath = new ResponsePath(this, _filters);
        Exchange = new UpstreamExchange(this);
        _context = new ProxyStreamContext(this);
    }

    internal ListenerLoop Site { get; }

    /// <summary>The configuration that this stream began with, and ends with.</summary>
    internal ListenerSnapshot Snapshot { get; }

    internal EventLoop Loop { get; }

    internal StreamDeadline Deadline { get; }

    internal RequestPath RequestPath { get; }

    internal ResponsePath ResponsePath { get; }

    internal UpstreamExchange Exchange { get; }

    internal ResponseHead Response { get; } = new();

    /// <summary>Filled by the upstream's codec, which clears it first.</summary>
    internal HeaderBlock ResponseTrailers => _responseTrailers ??= new();

    internal ProxyStreamContext Context => _context;

    internal FilterChain Filters => _filters;

    /// <summary>The response's status; 0 while there is none.</summary>
    internal int ResponseCode => ResponsePath.HasBegun ? Response.Status : 0;

    internal long Id { get; private set; }

    internal Route? Route { get; private set; }

    internal PeerAddress RemoteAddress { get; private set; }

    internal ResponseFlags Flags { get; set; }

    /// <summary>Why it ended as it did, for logs; null when the upstream answered.</summary>
    internal string? Details { get; set; }

    internal long BytesIn { get; private set; }

    internal long BytesOut { get; set; }

    /// <summary>After an upgrade: bytes pass both ways, and mean nothing to us.</summary>
    internal bool IsTunnel { get; set; }

    // Timestamps of Stopwatch; 0 while it has not happened.
    internal long StartedAt { get; private set; }

    internal long RequestSentAt { get; private set; }

    internal long ResponseReceivedAt { get; private set; }

    internal long EndedAt { get; private set; }

    /// <summary>Milliseconds that the upstream has.</summary>
    internal int RouteTimeout => Route?.TimeoutMilliseconds ?? 60_000;

    /// <summary>Cancelled when the stream ends before its time.</summary>
    internal CancellationToken Aborted
    {
        get
        {
            if (_aborted is null)
            {
                _aborted = new CancellationTokenSource();
                if (_wasAborted)
                {
                    _aborted.Cancel();
                }
            }

            return _aborted.Token;
        }
    }

    /// <summary>Did it end before its time?</summary>
    internal bool WasCutOff => _wasAborted;

    /// <summary>May somebody ask for the connections' addresses after they are gone?</summary>
    internal bool NeedsAddresses => Site.HasAccessLogs || Snapshot.Filters.Any(StreamFilterMethods.OnLog);

    internal ProxyStream? NextFree { get; set; }

    /// <summary>Makes the stream ready for a request.</summary>
    internal void Renew()
    {
        if (_concluded)
        {
            RequestPath.Reset();
            ResponsePath.Reset();
            Exchange.Reset();
            _pieces?.Reset();
            _writer = null;
            _context.Reset();
            Route = null;
            Flags = ResponseFlags.None;
            Details = null;
            WantedHost = null;
            WantsNoOtherHost = false;
            BytesIn = BytesOut = 0;
            RequestSentAt = ResponseReceivedAt = EndedAt = 0;
            _aborted?.Dispose();
            _aborted = null;
            _begun = _ended = _concluded = _wasAborted = _clientBlocked = IsTunnel = false;
        }
    }

    internal void MatchRoute()
    {
        Route = Snapshot.Router.Match(Request);
    }

    /// <summary>Finds out where the request goes. False: it goes nowhere, and has been answered.</summary>
    internal bool ChooseHost()
    {
        if (Route is null)
        {
            Flags |= ResponseFlags.NoRouteFound;
            ReplyHere(404, "no route");
            return false;
        }

        if (Route.DirectResponse is { } direct)
        {
            ResponsePath.Reply(direct.Status, null, direct.Reply);
            return false;
        }

        if (Route.Redirect is not null)
        {
            Redirects.Reply(this, Route);
            return false;
        }

        var cluster = Route.ChooseCluster(Request, Site.Random);
        if (cluster is null)
        {
            Flags |= ResponseFlags.NoRouteFound;
            ReplyHere(503, "no such cluster");
            return false;
        }

        if (!Exchange.ChooseHost(cluster))
        {
            Flags |= ResponseFlags.NoHealthyUpstream;
            ReplyHere(503, "no healthy upstream");
            return false;
        }

        return true;
    }

    /// <summary>The host that a filter asks for, by its address; null when none does.</summary>
    internal string? WantedHost { get; set; }

    /// <summary>Rather no host than another one than <see cref="WantedHost"/>.</summary>
    internal bool WantsNoOtherHost { get; set; }

    /// <summary>Tells the filters that want to know of an answer that is made here. False: one of them wants the stream to end without it.</summary>
    internal bool TellOfLocalReply(int status, string? details)
    {
        return !_filters.Set.Any(StreamFilterMethods.OnLocalReply)
            || _filters.Tell(StreamFilterMethods.OnLocalReply, filter => filter.OnLocalReply(status, details ?? ""), OnFilterThrew);
    }

    /// <summary>A filter wants the stream to end without an answer.</summary>
    internal void Terminate(string details = "terminated by a filter")
    {
        Details = details;
        Abort(ResponseFlags.None);
    }

    internal void ReplyTooLarge()
    {
        Flags |= ResponseFlags.EntityTooLarge;
        ReplyHere(413, "the body is larger than filters may collect");
    }

    internal void FailResponseTooLarge()
    {
        CancelResponse();
        FailUpstream(502, ResponseFlags.EntityTooLarge, "the response is larger than filters may collect");
    }

    /// <summary>The upstream will not answer, or not to the end.</summary>
    internal void FailUpstream(int status, ResponseFlags flags, string reason)
    {
        if (_ended)
        {
            return;
        }

        Details = reason;
        if (!ResponsePath.HasBegun)
        {
            Flags |= flags;
            ReplyHere(status, reason);
        }
        else if (!ResponsePath.HeadSent)
        {
            // The response's filters were collecting it, or still at its head; nothing has reached the client.
            Flags |= flags;
            DropResponse();
            ReplyHere(status, reason);
        }
        else
        {
            Site.Log(StreamLogLevel.Warn, this, "response cut off: " + reason);
            Abort(flags);
        }
    }

    /// <summary>A filter threw, or answered what it may not: this stream fails, and no other.</summary>
    internal void OnFilterFailed(string filter, Exception e)
    {
        Site.OnFilterError(this, filter, e);
        if (_ended)
        {
            return;
        }

        Flags |= ResponseFlags.FilterError;
        CancelResponse();
        if (ResponsePath.HeadSent)
        {
            Abort(ResponseFlags.FilterError);
            return;
        }

        // The response's own way may be what failed: it starts anew, past all filters.
        Details = "filter " + filter + " failed";
        ResponsePath.Reset();
        ResponsePath.PassBy = true;
        ResponsePath.Reply(500, "internal error", null);
    }

    internal void OnFilterWaits()
    {
        Deadline.Set(DeadlineKind.Filter, Site.FilterTimeout);
        UpdateFlow();
    }

    /// <summary>Is a filter of either direction being waited for?</summary>
    internal bool IsFilterWaiting => RequestPath.IsWaiting || ResponsePath.IsWaiting || _writer is { IsRunning: true };

    /// <summary>A filter's call that was waited for has ended. False: the stream has, too.</summary>
    internal bool OnFilterResumed()
    {
        if (!_ended)
        {
            if (!IsFilterWaiting)
            {
                Exchange.RestoreDeadline();
            }

            return true;
        }

        if (!IsFilterWaiting)
        {
            Conclude();
        }

        return false;
    }

    /// <summary>Lets each side read if the other can take it.</summary>
    internal void UpdateFlow()
    {
        if (_ended)
        {
            return;
        }

        if (RequestPath.IsWaiting || Exchange.HoldsRequest)
        {
            Connection.PauseRequest();
        }
        else
        {
            Connection.ResumeRequest();
        }

        if (ResponsePath.IsWaiting || (Connection.IsWriteBlocked && Connection.PendingOutput >= Exchange.BufferLimit))
        {
            Exchange.PauseResponse();
        }
        else
        {
            Exchange.ResumeResponse();
            _pieces?.Resume();
        }
    }

    internal void OnDeadline(DeadlineKind kind)
    {
        switch (kind)
        {
            case DeadlineKind.None:
                break;
            case DeadlineKind.Filter:
                OnFilterFailed(
                    RequestPath.WaitingFilter ?? ResponsePath.WaitingFilter ?? _pieces?.Filter ?? "(none)",
                    new TimeoutException($"no answer after {Site.FilterTimeout} ms (filter_timeout)"));
                break;
            case DeadlineKind.ResponseBody when Connection.IsWriteBlocked:
                break;
            default:
                Exchange.OnTimeout(kind);
                break;
        }
    }

    /// <summary>The request goes out to the upstream now. The first time its head gets what the route adds.</summary>
    internal void OnRequestSending()
    {
        if (RequestSentAt == 0)
        {
            RequestSentAt = Loop.Timestamp;
            Route!.ApplyToRequest(Request);
            if (Request.Authority.IsEmpty)
            {
                // An HTTP/1.0 client need not say; an HTTP/1.1 upstream wants to know. A socket's path is no host.
                Request.SetAuthority(Exchange.Host!.EndPoint is System.Net.IPEndPoint ? Exchange.Host.AddressBytes.Span : "localhost"u8);
            }
        }
    }

    internal void OnUpstreamHead(bool endStream)
    {
        ResponseReceivedAt = Loop.Timestamp;
        Route!.ApplyToResponse(Response);
        ResponsePath.OnHead(endStream);
    }

    /// <summary>The last of the response has been handed to the client's connection.</summary>
    internal void OnResponseSent()
    {
        if (!_ended)
        {
            End();
        }
    }

    protected override void OnBegin()
    {
        StartedAt = Loop.Timestamp;
        RemoteAddress = Connection.RemoteAddress;
    }

    protected override void OnRequestHead(bool endStream)
    {
        _begun = true;
        Id = Site.NextStreamId();
        Site.OnStreamBegan();
        Site.Forwarding.Apply(this);
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

        RequestPath.OnHead(endStream);
    }

    protected override void OnRequestData(ReadOnlySpan<byte> data, bool endStream)
    {
        BytesIn += data.Length;
        RequestPath.OnData(data, endStream);
    }

    protected override void OnRequestTrailers() => RequestPath.OnTrailers();

    protected override void OnRequestReset(ResetReason reason, ProtocolError? error)
    {
        if (_ended)
        {
            return;
        }

        if (error is not null && !ResponsePath.HasBegun)
        {
            Flags |= error.Status == 408 ? ResponseFlags.StreamIdleTimeout : ResponseFlags.DownstreamProtocolError;
            ReplyHere(error.Status, error.Message);
            return;
        }

        Details = error?.Message ?? reason.ToString();
        Abort(reason is ResetReason.SendTimeout or ResetReason.ReceiveTimeout
            ? ResponseFlags.StreamIdleTimeout
            : ResponseFlags.DownstreamConnectionTermination);
    }

    protected override void OnResponseBlocked()
    {
        if (Deadline.Kind == DeadlineKind.ResponseBody)
        {
            Deadline.Clear();
        }

        _pieces?.OnClientBlocked();
        TellOfClient(blocked: true);
        UpdateFlow();
    }

    protected override void OnResponseWritten()
    {
        TellOfClient(blocked: false);
        if (!_ended && !IsFilterWaiting)
        {
            Exchange.RestoreDeadline();
        }

        UpdateFlow();
    }

    private void TellOfClient(bool blocked)
    {
        if (!_ended && _begun && _clientBlocked != blocked && _filters.Set.Any(StreamFilterMethods.OnFlow))
        {
            _clientBlocked = blocked;
            _ = _filters.Tell(StreamFilterMethods.OnFlow, blocked ? s_blocked : s_unblocked, OnFilterThrew);
        }
    }

    private void ReplyHere(int status, string reason)
    {
        CancelResponse();
        Details ??= reason;
        ResponsePath.Reply(status, reason, null);
    }

    /// <summary>Ends the stream before its time; the client sees that there is no (whole) response.</summary>
    private void Abort(ResponseFlags flags)
    {
        if (_ended)
        {
            return;
        }

        Flags |= flags;
        _wasAborted = true;
        Connection.Reset();
        End();
    }

    private void End()
    {
        _ended = true;
        EndedAt = Stopwatch.GetTimestamp();
        Deadline.Stop();
        RequestPath.Close();
        ResponsePath.Close();
        CancelResponse();
        _callouts?.End();
        _context.CaptureAddresses();
        Connection.EndStream(this);
        for (int i = 0; _filters.Set.HasObservers && i < _filters.Count; i++)
        {
            (_filters.At(i) as IStreamObserver)?.OnStreamEnding();
        }

        if (IsFilterWaiting)
        {
            // The filter learns that nobody waits any more, and the stream stays until it has let go.
            _wasAborted = true;
            CancelAborted();
            return;
        }

        if (_wasAborted)
        {
            CancelAborted();
        }

        Conclude();
    }

    private void CancelAborted()
    {
        try
        {
            _aborted?.Cancel();
        }
        catch (AggregateException e)
        {
            Site.OnFilterError(this, "(Aborted)", e);
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
            _filters.Log(OnFilterThrew);
            Site.OnStreamEnded(this);
            _filters.Destroy(OnFilterThrew);
            _context.DisposeKept();
        }

        RequestPath.Release();
        ResponsePath.Release();
        Exchange.Release();
        _use.End();
        Site.ReturnStream(this);
    }

    /// <summary>The codec refused the request before it became one.</summary>
    internal void ConcludeUnused()
    {
        _ended = true;
        Conclude();
    }

    private Action<string, Exception>? _onFilterThrew;

    private Action<string, Exception> OnFilterThrew => _onFilterThrew ??= (filter, e) => Site.OnFilterError(this, filter, e);
}
