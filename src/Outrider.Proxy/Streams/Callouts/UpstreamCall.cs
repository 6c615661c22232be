using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Timers;
using Outrider.Net.Transports;
using Outrider.Proxy.Streams.Records;
using Outrider.Upstream;
using Outrider.Upstream.Breakers;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Streams.Callouts;

/// <summary>
/// A request that a filter makes itself, to a cluster of the configuration and over the loop's own connections. Told to its
/// owner, on the loop; not while <see cref="Start"/> runs.
/// </summary>
internal sealed class UpstreamCall : LoopTimer, IResponseReceiver, IConnectionWaiter
{
    private readonly ListenerServices _services;
    private readonly Cluster _cluster;
    private readonly UpstreamHost _host;
    private readonly IUpstreamCallOwner _owner;
    private readonly StreamedCalls? _calls;
    private readonly ICallFlow? _flow;
    private readonly BodyHold _body = new();
    private HeaderBlock? _requestTrailers;
    private HeaderBlock? _responseTrailers;
    private ConnectionPool? _pool;
    private IExchange? _exchange;
    private ConnectionWait? _wait;
    private ActiveRequest _active;
    private Permit _permit;
    private bool _ended, _started, _requestEnded, _hasTrailers, _again, _hasDeadline;

    private UpstreamCall(ListenerServices services, Cluster cluster, UpstreamHost host, IUpstreamCallOwner owner, StreamedCalls? calls, ICallFlow? flow)
    {
        _calls = calls;
        _flow = flow;
        _services = services;
        _cluster = cluster;
        _host = host;
        _owner = owner;
        Request.Clear();
    }

    /// <summary>The request's head: filled before <see cref="Start"/>.</summary>
    internal RequestHead Request { get; } = new();

    /// <summary>Is it sent in HTTP/2, whatever the listener says of upstreams? Set before <see cref="Start"/>.</summary>
    internal bool RequiresHttp2 { get; set; }

    public ResponseHead ResponseHead { get; } = new();

    public HeaderBlock ResponseTrailers => _responseTrailers ??= new();

    /// <summary>The host that is asked.</summary>
    internal UpstreamHost Host => _host;

    /// <summary>Why it failed, in a few words; null when it has not.</summary>
    internal string? FailureReason { get; private set; }

    /// <summary>The owner's number for it.</summary>
    internal ulong Id { get; set; }

    /// <summary>Is there so much for the upstream to take that no more should come?</summary>
    internal bool IsBlocked => _exchange is { } exchange
        ? exchange.IsWriteBlocked && exchange.PendingOutput >= _cluster.Configuration.ConnectionBufferLimit
        : !_ended && _body.Length >= _cluster.Configuration.ConnectionBufferLimit;

    private UpstreamProtocol Protocol => RequiresHttp2 ? UpstreamProtocol.Http2 : _services.CalloutProtocol;

    /// <summary>A call to a host of that cluster; null when it has none.</summary>
    /// <param name="services">Where the asking stream is.</param>
    /// <param name="cluster">Who is asked.</param>
    /// <param name="owner">Who is told.</param>
    /// <param name="calls">The calls of that stream.</param>
    /// <param name="flow">For a streamed call, who is told of its flow; null for one whose body is whole and whose answer is collected.</param>
    internal static UpstreamCall? Create(ListenerServices services, Cluster cluster, IUpstreamCallOwner owner, StreamedCalls calls, ICallFlow? flow)
    {
        TriedHosts tried = default;
        return cluster.ChooseHost(services.Loop.Index, services.Random, ref tried) is { } host ? new UpstreamCall(services, cluster, host, owner, calls, flow) : null;
    }

    /// <summary>One of several calls, each to another host, that belong to no stream; null when there is no host.</summary>
    internal static UpstreamCall? Create(ListenerServices services, Cluster cluster, IUpstreamCallOwner owner, ref TriedHosts tried)
        => cluster.ChooseHost(services.Loop.Index, services.Random, ref tried) is { } host ? new UpstreamCall(services, cluster, host, owner, null, null) : null;

    /// <summary>A call to that host that belongs to no stream.</summary>
    internal static UpstreamCall Create(ListenerServices services, Cluster cluster, IUpstreamCallOwner owner, UpstreamHost host) => new(services, cluster, host, owner, null, null);

    /// <summary>Sends head and body. With <paramref name="endStream"/> that is all; otherwise <see cref="SendData"/> sends the rest.</summary>
    /// <param name="body">What follows the head at once.</param>
    /// <param name="endStream">Nothing else follows.</param>
    /// <param name="timeout">Milliseconds until the end of the response; 0 for no limit.</param>
    internal void Start(ReadOnlySpan<byte> body, bool endStream, long timeout)
    {
        _body.Append(body);
        _requestEnded = endStream;
        Request.Framing = !endStream ? BodyFraming.Chunked : body.IsEmpty ? BodyFraming.None : BodyFraming.Length;
        Request.ContentLength = endStream && !body.IsEmpty ? body.Length : -1;
        _calls?.Begin();
        _flow?.Add(this);
        if (timeout > 0)
        {
            _hasDeadline = true;
            _services.Loop.Arm(this, Math.Min(timeout, int.MaxValue));
        }

        // What a connection has to tell it may tell at once, and the owner is in the middle of asking.
        _services.Loop.Post(static call => ((UpstreamCall)call!).Connect(fresh: false), this);
    }

    /// <summary>
    /// Sends more of the request's body. False: it was not taken, because there is no more to be sent, or because more than
    /// <c>max_buffered_body_size</c> would wait for the upstream.
    /// </summary>
    internal bool SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_ended || _requestEnded || Waiting(data.Length) + data.Length > _services.MaxBufferedBody)
        {
            return false;
        }

        _requestEnded = endStream;
        if (_exchange is null)
        {
            _body.Append(data);
        }
        else
        {
            _pool!.Stats.BytesOut += data.Length;
            _exchange.SendData(data, endStream);
            if (IsBlocked)
            {
                _flow?.OnFlow();
            }
        }

        return true;
    }

    /// <summary>The client takes no more of what the owner makes of the answer, or takes it again.</summary>
    internal void HoldAnswer(bool hold)
    {
        if (hold)
        {
            _exchange?.PauseResponse();
        }
        else
        {
            _exchange?.ResumeResponse();
        }
    }

    /// <summary>Sends the request's trailers, which end it. False as for <see cref="SendData"/>.</summary>
    internal bool SendTrailers(HeaderBlock trailers)
    {
        if (_ended || _requestEnded)
        {
            return false;
        }

        _requestEnded = _hasTrailers = true;
        (_requestTrailers ??= new()).CopyFrom(trailers);
        _exchange?.SendTrailers(_requestTrailers);
        return true;
    }

    /// <summary>Wants no (more of the) response: the owner is told nothing any more.</summary>
    internal void Cancel()
    {
        _wait?.Abandon();
        var exchange = _exchange;
        End();
        exchange?.Cancel();
    }

    public void OnConnectionReady(IUpstreamConnection connection)
    {
        Send(connection);
    }

    public void OnConnectionFailed(string reason, ConnectionFailure failure)
    {
        FailureReason = reason;
        if (failure is ConnectionFailure.Refused or ConnectionFailure.TimedOut)
        {
            _cluster.Outliers?.OnNoAnswer(_host, _services.Loop.Index, failure == ConnectionFailure.TimedOut);
        }

        Fail(connected: false, failure != ConnectionFailure.Refused);
    }

    public void OnInformational()
    {
        // 103 is for browsers; who asks here wants the answer.
    }

    private RequestCounts Counts => new(_host, _services.Loop.Index, _pool!.Stats);

    public void OnResponseHead(bool endStream)
    {
        Counts.Answered(ResponseHead.Status, (long)_active.Microseconds(_services.Loop.Timestamp), _services.Loop.Now, closes: !ResponseHead.KeepAlive);
        _cluster.Outliers?.OnAnswer(_host, _services.Loop.Index, ResponseHead.Status);
        if (endStream || ResponseHead.Status == 101)
        {
            End();
        }

        _owner.OnCallHead(this, endStream || ResponseHead.Status == 101);
    }

    public void OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        _pool!.Stats.BytesIn += data.Length;
        if (endStream)
        {
            End();
        }

        _owner.OnCallData(this, data, endStream);
    }

    public void OnResponseTrailers()
    {
        End();
        _owner.OnCallTrailers(this);
    }

    public void OnUpstreamReset(UpstreamFailure failure)
    {
        _exchange = null;
        Uncount();
        if (failure.WasReused && !failure.ResponseBegun && !_again && _body.Length > 0 == (Request.Framing != BodyFraming.None)
            && _requestEnded && (failure.NothingSent || Request.IsIdempotent))
        {
            // It had been idle for too long, nothing more.
            _again = true;
            Connect(fresh: true);
            return;
        }

        Counts.ResetThere(alone: failure.Reason == ResetReason.StreamReset);
        _cluster.Outliers?.OnNoAnswer(_host, _services.Loop.Index, timedOut: false);
        FailureReason = failure.Protocol?.Message
            ?? (failure.Tls is { } tls ? "TLS: " + tls : failure.Error == 0 ? "it closed the connection" : SocketErrors.Describe(failure.Error));
        Fail(connected: true, timedOut: false, failure.Reason == ResetReason.ProtocolError);
    }

    public void OnRequestBlocked()
    {
        OnRequestProgress();
        _flow?.OnFlow();
    }

    public void OnRequestProgress()
    {
        // Where the whole call has no limit of its own, taking nothing has.
        if (!_hasDeadline && !_ended)
        {
            _services.Loop.Arm(this, _services.SendTimeout);
        }
    }

    public void OnRequestWritten()
    {
        if (!_hasDeadline)
        {
            EventLoop.Disarm(this);
        }

        _flow?.OnFlow();
    }

    protected override void OnTimer()
    {
        var exchange = _exchange;
        _wait?.Abandon();
        _exchange = null;
        exchange?.Cancel();
        if (_pool is not null)
        {
            Counts.TimedOut();
            _cluster.Outliers?.OnNoAnswer(_host, _services.Loop.Index, timedOut: true);
        }

        FailureReason = _started ? "no whole answer in time" : "no connection in time";
        Fail(connected: true, timedOut: true);
    }

    private void Connect(bool fresh)
    {
        if (_ended)
        {
            return;
        }

        _pool = _services.PoolFor(_host, _cluster);
        if (!_cluster.Breakers.TryRequest(ref _permit))
        {
            _pool.Refuse(this, Protocol, "there are too many requests (max_requests)", ref _wait);
            return;
        }

        if (_pool.Acquire(this, Protocol, speaksHttp2: false, fresh, verify: !Request.IsIdempotent, ref _wait) is { } connection)
        {
            Send(connection);
        }
    }

    private void Send(IUpstreamConnection connection)
    {
        _started = true;
        _active.Begin(_host, _services.Loop, _pool!.Stats);
        bool last = _requestEnded && !_hasTrailers;
        if (last && _flow is null)
        {
            // All of it is here before the first byte went out: its length is known.
            Request.Framing = _body.IsEmpty ? BodyFraming.None : BodyFraming.Length;
            Request.ContentLength = _body.IsEmpty ? -1 : _body.Length;
        }

        var exchange = connection.Attach(this, Request, last && _body.IsEmpty);
        _exchange = exchange;
        if (!_body.IsEmpty)
        {
            _pool.Stats.BytesOut += _body.Length;
            exchange.SendData(_body.Span, last);
        }

        if (_hasTrailers)
        {
            exchange.SendTrailers(_requestTrailers!);
        }

        _flow?.OnFlow();
    }

    private void Fail(bool connected, bool timedOut, bool protocolError = false)
    {
        if (!_ended)
        {
            End();
            _owner.OnCallFailed(this, connected && _started, timedOut, protocolError);
        }
    }

    private void End()
    {
        if (!_ended)
        {
            _calls?.End();
        }

        _ended = true;
        _exchange = null;
        Uncount();
        _services.Loop.Remove(this);
        _body.Release();
        _flow?.Remove(this);
    }

    /// <summary>Bytes that the upstream has not taken yet.</summary>
    private int Waiting(int more)
    {
        if (_exchange is null)
        {
            return _body.Length;
        }

        if (!_exchange.IsWriteBlocked && _exchange.PendingOutput + more > _services.MaxBufferedBody)
        {
            // Written within the event at hand: the kernel was not asked yet.
            _exchange.SendNow();
        }

        return _exchange.PendingOutput;
    }

    private void Uncount()
    {
        _active.End(_host, _services.Loop.Index, _pool?.Stats);
        _permit.Return();
    }
}
