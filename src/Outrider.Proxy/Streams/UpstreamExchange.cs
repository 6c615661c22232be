using Outrider.Filters;
using Outrider.Http;
using Outrider.Http.V1;
using Outrider.Net;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Streams;

/// <summary>
/// A stream's dealings with the upstream: a host, a connection, the request out, the response in; and again with another
/// host or connection where that is safe.
/// </summary>
/// <remarks>
/// Safe is: nothing of the response has come, all of the request so far is still here, and either none of it was sent or the
/// method is idempotent (RFC 9110 §9.2.2).
/// </remarks>
internal sealed class UpstreamExchange(ProxyStream stream) : IResponseReceiver, IConnectionWaiter
{
    // How much of a body is kept for a second try. What a client sends together with its head is mostly less.
    private const int MostReplayed = 16 * 1024;

    private const int MostAttempts = 5;

    private BodyHold? _held;
    private Http1ClientConnection? _connection;
    private Http1ClientConnection? _connecting;
    private ConnectionPool? _pool;
    private TriedHosts _tried;
    private Cluster? _cluster;
    private State _state;
    private int _attempts;
    private int _retries;
    private long _declared;
    private long _bodySent;
    private long _responseDue;

    [Flags]
    private enum State : ushort
    {
        Started = 1,
        RequestEnded = 2,
        HasTrailers = 4,
        CanReplay = 8,
        ResponseBegun = 16,
        FreshRetried = 32,
        Counted = 64,
        WriteBlocked = 128,
        ClientEnded = 256,
        UpstreamEnded = 512,
    }

    internal UpstreamHost? Host { get; private set; }

    internal Cluster? Cluster => _cluster;

    /// <summary>What TLS has agreed on with the upstream; null for plain text, and before there is a connection.</summary>
    internal TlsInfo? Tls { get; private set; }

    /// <summary>How many times the request was sent, or is being sent.</summary>
    internal int Attempts => _attempts;

    /// <summary>The hosts that were chosen for this request so far.</summary>
    internal TriedHosts Tried => _tried;

    /// <summary>Our own address towards the upstream, while there is a connection.</summary>
    internal PeerAddress LocalAddress => _connection?.LocalAddress ?? default;

    /// <summary>Why the last attempt failed, for logs; null when none did.</summary>
    internal string? FailureReason { get; private set; }

    /// <summary>Must the client wait with the rest of its request?</summary>
    internal bool HoldsRequest => (_state & State.Started) != 0
        && (_connection is null
            ? (_state & State.ResponseBegun) == 0
            : (_state & State.WriteBlocked) != 0 && _connection.PendingOutput >= BufferLimit);

    /// <summary>Bytes that may wait on either side's connection before the other one is no longer read (<c>conn_buffer_limit_bytes</c>); one read may come on top.</summary>
    internal int BufferLimit => _cluster?.Configuration.ConnectionBufferLimit ?? 0;

    /// <summary>Have both sides of an upgraded connection said their last?</summary>
    internal bool TunnelEnded => (_state & (State.ClientEnded | State.UpstreamEnded)) == (State.ClientEnded | State.UpstreamEnded);

    public ResponseHead ResponseHead => stream.Response;

    public HeaderBlock ResponseTrailers => stream.ResponseTrailers;

    /// <summary>Chooses a host, not one that was chosen before while there are others. False: there is none.</summary>
    internal bool ChooseHost(Cluster cluster)
    {
        _cluster = cluster;
        if (stream.WantedHost is { } wanted)
        {
            foreach (var host in cluster.Hosts.Hosts)
            {
                if (host.Address == wanted && !_tried.Contains(host))
                {
                    _tried.Add(host);
                    Host = host;
                    return true;
                }
            }

            if (stream.WantsNoOtherHost)
            {
                return false;
            }
        }

        Host = stream.ChooseHostOf(cluster, ref _tried);
        return Host is not null;
    }

    /// <summary>Begins: the request's head is final. What follows comes by <see cref="SendData"/>.</summary>
    internal void Start(bool endStream)
    {
        _state |= State.Started | State.CanReplay | (endStream ? State.RequestEnded : 0);
        _declared = stream.Request.Framing == BodyFraming.Length ? stream.Request.ContentLength : -1;
        Connect(fresh: false);
    }

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

        bool keep = (_state & (State.CanReplay | State.ResponseBegun)) == State.CanReplay;
        if (_connection is null)
        {
            if ((_state & State.ResponseBegun) != 0)
            {
                // The upstream has answered without it, and takes no more.
                return;
            }

            // Still connecting. The client is held back, so this is one read's worth.
            Held.Append(data);
            stream.UpdateFlow();
            return;
        }

        if (keep && Held.Length + data.Length <= MostReplayed)
        {
            Held.Append(data);
        }
        else if (keep)
        {
            StopKeeping();
        }

        _pool!.Stats.BytesOut += data.Length;
        _connection.SendData(data, endStream);
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
        _connection?.SendData(data, endStream);
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

        if (_connection is not null)
        {
            _connection.SendTrailers(trailers);
            AwaitResponse();
        }
    }

    /// <summary>Wants nothing more of the upstream: a connection in use closes.</summary>
    internal void Cancel()
    {
        if (_connecting is { } connecting)
        {
            _connecting = null;
            ConnectionPool.Abandon(connecting);
        }

        var connection = _connection;
        _connection = null;
        connection?.Cancel();
        Uncount();
        _state &= ~State.Started;
    }

    internal void PauseResponse() => _connection?.PauseResponse();

    internal void ResumeResponse() => _connection?.ResumeResponse();

    /// <summary>Sets the deadline for what is waited for now, after a filter was waited for.</summary>
    internal void RestoreDeadline()
    {
        stream.Deadline.Clear();
        if ((_state & State.Started) != 0 && _connection is not null)
        {
            AwaitResponse();
        }
    }

    /// <summary>What was waited for did not come.</summary>
    internal void OnTimeout(DeadlineKind kind)
    {
        stream.Site.Stats.UpstreamTimeouts++;
        _pool!.Stats.Timeouts++;
        FailureReason = kind == DeadlineKind.RequestSend ? "request send timeout" : "response timeout";
        LogFailure();
        if (kind == DeadlineKind.Response && stream.Loop.Now < _responseDue && HasTimeForAnotherTry)
        {
            RetryByPolicy();
            return;
        }

        Cancel();
        stream.FailUpstream(504, ResponseFlags.UpstreamRequestTimeout, FailureReason);
    }

    internal void Reset()
    {
        _tried = default;
        _cluster = null;
        Tls = null;
        Host = null;
        FailureReason = null;
        _state = 0;
        _attempts = _retries = 0;
        _bodySent = _responseDue = 0;
    }

    internal void Release() => _held?.Release();

    private BodyHold Held => _held ??= new();

    public void OnConnectionReady(Http1ClientConnection connection)
    {
        _connecting = null;
        Send(connection);
        stream.UpdateFlow();
    }

    public void OnConnectionFailed(string reason, bool timedOut)
    {
        _connecting = null;
        FailureReason = reason;
        stream.Site.OnConnectFailed(Host!, FailureReason);
        Uncount();
        if (RetryElsewhere(orOnTheSameHost: false))
        {
            return;
        }

        _state &= ~State.Started;
        stream.FailUpstream(
            timedOut ? 504 : 502,
            ResponseFlags.UpstreamConnectionFailure | (timedOut ? ResponseFlags.UpstreamRequestTimeout : 0),
            timedOut ? FailureReason : "connect failed");
    }

    public void OnInformational() => stream.Connection.SendInformational(stream.Response);

    public void OnResponseHead(bool endStream)
    {
        if (endStream)
        {
            Finish();
        }

        if (RetryOnStatus())
        {
            return;
        }

        _state |= State.ResponseBegun;
        CountResponse(stream.Response.Status);
        StopKeeping();
        if (endStream || stream.Response.Status == 101)
        {
            stream.Deadline.Clear();
        }
        else
        {
            AwaitBody();
        }

        stream.OnUpstreamHead(endStream);
    }

    public void OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        _pool!.Stats.BytesIn += data.Length;
        if (stream.IsTunnel)
        {
            _state |= endStream ? State.UpstreamEnded : 0;
            if (TunnelEnded)
            {
                Finish();
            }
        }
        else if (endStream)
        {
            Finish();
            stream.Deadline.Clear();
        }
        else
        {
            AwaitBody();
        }

        stream.ResponsePath.OnData(data, endStream);
    }

    public void OnResponseTrailers()
    {
        Finish();
        stream.Deadline.Clear();
        stream.ResponsePath.OnTrailers();
    }

    public void OnUpstreamReset(UpstreamFailure failure)
    {
        _connection = null;
        Uncount();
        FailureReason = failure.Protocol?.Message
            ?? (failure.Tls is { } tls ? "TLS: " + tls : failure.Error == 0 ? "upstream closed the connection" : SocketErrors.Describe(failure.Error));
        _pool!.Stats.Resets++;
        if (CanSendAgain(failure))
        {
            if (failure.WasReused && (_state & State.FreshRetried) == 0)
            {
                // It had been idle for too long, nothing more: the same host, on a connection that cannot have been.
                _state |= State.FreshRetried;
                CountRetry();
                Connect(fresh: true);
                return;
            }

            // What was sent is repeated because the route says so, and that holds for the same host too.
            if (RetryElsewhere(orOnTheSameHost: !failure.NothingSent))
            {
                return;
            }
        }

        _state &= ~State.Started;
        LogFailure();
        bool protocol = failure.Reason == ResetReason.ProtocolError;
        stream.FailUpstream(502, protocol ? ResponseFlags.UpstreamProtocolError : ResponseFlags.UpstreamConnectionTermination, FailureReason);
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

    private void Connect(bool fresh)
    {
        _attempts++;
        var pool = _pool = stream.Site.PoolFor(Host!, _cluster!);
        // A request that may not be sent twice goes out only on a connection that is known to be good.
        var connection = pool.Acquire(this, fresh, verify: !stream.Request.IsIdempotent, out _connecting);
        if (connection is not null)
        {
            Send(connection);
        }

        if (connection is null || _attempts > 1)
        {
            // The client waits until there is a connection; with a second try it has been waiting.
            stream.UpdateFlow();
        }
    }

    private void Send(Http1ClientConnection connection)
    {
        _connection = connection;
        Tls = connection.Tls;
        _state &= ~State.WriteBlocked;
        if (stream.NeedsAddresses)
        {
            stream.Context.CaptureUpstream(connection.LocalAddress);
        }

        stream.Route!.ApplyHost(stream.Request, _cluster!, Host!);
        _state |= State.Counted;
        ref var counters = ref Host!.On(stream.Loop.Index);
        counters.ActiveRequests++;
        counters.TotalRequests++;
        _pool!.Stats.RequestsTotal++;
        _pool.Stats.RequestsActive++;
        stream.OnRequestSending();
        bool ended = (_state & State.RequestEnded) != 0;
        bool trailers = (_state & State.HasTrailers) != 0;
        connection.SendHead(this, stream.Request, ended && _held is not { IsEmpty: false } && !trailers);
        if (_held is { IsEmpty: false })
        {
            _pool.Stats.BytesOut += _held.Length;
            connection.SendData(_held.Span, ended && !trailers);
            if (_held.Length > MostReplayed && !ended)
            {
                StopKeeping();
            }
        }

        if (trailers)
        {
            connection.SendTrailers(stream.RequestTrailers);
        }

        AwaitResponse();
    }

    /// <summary>
    /// Once everything is sent the upstream has its time. While it does not take what waits, that is the limit; while the
    /// client still sends, or in a tunnel, the client's connection has limits of its own.
    /// </summary>
    private void AwaitResponse()
    {
        bool answered = (_state & State.ResponseBegun) != 0 && !stream.IsTunnel;
        if (stream.Deadline.Kind == DeadlineKind.Filter)
        {
            // That one comes first; the stream asks again when it has ended.
        }
        else if (answered)
        {
            AwaitBody();
        }
        else if ((_state & State.WriteBlocked) != 0)
        {
            stream.Deadline.Set(DeadlineKind.RequestSend, stream.Site.SendTimeout);
        }
        else if ((_state & State.RequestEnded) != 0 && !stream.IsTunnel)
        {
            stream.Deadline.Set(DeadlineKind.Response, ResponseTime());
        }
        else
        {
            stream.Deadline.Clear();
        }
    }

    private void AwaitBody()
    {
        if (stream.Connection.IsWriteBlocked)
        {
            // The client is what holds it up, and its own limit is running.
            stream.Deadline.Clear();
        }
        else
        {
            stream.Deadline.Set(DeadlineKind.ResponseBody, stream.RouteTimeout);
        }
    }

    /// <summary>The response is complete; the connection has gone back to its pool, or closed.</summary>
    private void Finish()
    {
        _connection = null;
        Uncount();
    }

    private void Uncount()
    {
        if ((_state & State.Counted) != 0)
        {
            _state &= ~State.Counted;
            Host!.On(stream.Loop.Index).ActiveRequests--;
            _pool!.Stats.RequestsActive--;
        }
    }

    private void LogFailure()
    {
        if (stream.Site.IsLogged(StreamLogLevel.Warn))
        {
            stream.Site.Log(StreamLogLevel.Warn, stream, $"upstream {Host}: {FailureReason}");
        }
    }

    private void CountRetry()
    {
        stream.Site.Stats.Retries++;
        _pool!.Stats.Retries++;
    }

    private void CountResponse(int status)
    {
        if (status >= 500)
        {
            _pool!.Stats.Responses5xx++;
        }
        else
        {
            _pool!.Stats.ResponsesSucceeded++;
        }
    }

    private void StopKeeping()
    {
        _state &= ~State.CanReplay;
        _held?.Release();
    }

    private bool CanSendAgain(UpstreamFailure failure)
        => !failure.ResponseBegun
            && failure.Reason != ResetReason.ProtocolError
            && (_state & (State.CanReplay | State.ResponseBegun)) == State.CanReplay
            && _attempts < MostAttempts
            && (failure.NothingSent
                || (failure.WasReused && (_state & State.FreshRetried) == 0 && stream.Request.IsIdempotent)
                || (stream.Route?.Action?.RetryPolicy is { RetryOn: true } policy && _retries++ < policy.NumRetries && stream.Request.IsIdempotent));

    /// <summary>Tries a host that was not tried yet. False: there is none, or it has been enough.</summary>
    private bool RetryElsewhere(bool orOnTheSameHost)
    {
        if ((_state & State.CanReplay) == 0 || _attempts >= MostAttempts)
        {
            return false;
        }

        var before = _tried;
        var next = stream.ChooseHostOf(_cluster!, ref _tried);
        if (next is null || (before.Contains(next) && !orOnTheSameHost))
        {
            return false;
        }

        Host = next;
        CountRetry();
        Connect(fresh: false);
        return true;
    }

    // MOSN's: a status of the list, or any 5xx where there is no list.
    private static bool Matches(Configuration.RetryPolicyConfiguration policy, int status)
        => policy.StatusCodes.Count > 0 ? policy.StatusCodes.Contains(status) : status >= 500;

    /// <summary>A status that the route's policy says to try again: the answer is dropped, if the request is still all here.</summary>
    private bool RetryOnStatus()
    {
        if (stream.Route?.Action?.RetryPolicy is not { RetryOn: true } policy
            || _retries >= policy.NumRetries
            || _attempts >= MostAttempts
            || (_state & (State.CanReplay | State.RequestEnded)) != (State.CanReplay | State.RequestEnded)
            || !Matches(policy, stream.Response.Status))
        {
            return false;
        }

        RetryByPolicy();
        return true;
    }

    /// <summary>Does the route limit each try, and would another one be allowed?</summary>
    private bool HasTimeForAnotherTry => stream.Route?.Action?.RetryPolicy is { RetryOn: true, RetryTimeout.Ticks: > 0 } policy
        && _retries < policy.NumRetries
        && _attempts < MostAttempts
        && (_state & (State.CanReplay | State.ResponseBegun)) == State.CanReplay
        && stream.Request.IsIdempotent;

    /// <summary>Drops the try at hand and makes another, on another host where there is one.</summary>
    private void RetryByPolicy()
    {
        _retries++;
        var connection = _connection;
        _connection = null;
        connection?.Cancel();
        Uncount();
        CountRetry();
        Host = stream.ChooseHostOf(_cluster!, ref _tried) ?? Host;
        Connect(fresh: false);
    }

    /// <summary>Milliseconds for this try: what the route's time has left for all of them, or less where the policy gives each its own.</summary>
    private int ResponseTime()
    {
        long now = stream.Loop.Now;
        if (_responseDue == 0)
        {
            _responseDue = now + stream.RouteTimeout;
        }

        long left = Math.Max(1, _responseDue - now);
        return (int)(HasTimeForAnotherTry ? Math.Min(left, (long)stream.Route!.Action!.RetryPolicy!.RetryTimeout.TotalMilliseconds) : left);
    }
}
