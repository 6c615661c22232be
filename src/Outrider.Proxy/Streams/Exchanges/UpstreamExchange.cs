using Outrider.Filters;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Net.Addresses;
using Outrider.Net.Tls;
using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Grpc;
using Outrider.Proxy.Upstream;
using Outrider.Proxy.Upstream.Hosts;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>
/// A stream's dealings with the upstream: a host, a connection, the request out, the response in; and again with another
/// host or connection where that is safe.
/// </summary>
/// <remarks>
/// Safe is: nothing of the response has come, all of the request so far is still here, and either none of it was sent or the
/// method is idempotent (RFC 9110 §9.2.2).
/// </remarks>
internal sealed partial class UpstreamExchange(ProxyStream stream) : IResponseReceiver, IConnectionWaiter
{
    private IExchange? _exchange;
    private ConnectionWait? _wait;
    private ConnectionPool? _pool;
    private KeptBody _kept;
    private RequestTries _tries;
    private ActiveRequest _active;
    private ExchangePermits _permits;
    private Cluster? _cluster;
    private State _state;
    private long _declared;
    private long _bodySent;
    private long _responseDue;
    private GrpcDeadline? _callDeadline;
    private RetryDelay? _backOff;
    private RequestTimeouts _timeouts;
    private string? _callReason;

    [Flags]
    private enum State : ushort
    {
        Started = 1,
        RequestEnded = 2,
        HasTrailers = 4,
        ResponseBegun = 8,
        FreshRetried = 16,
        WriteBlocked = 32,
        ClientEnded = 64,
        UpstreamEnded = 128,
        OtherVersionTried = 256,
    }

    internal UpstreamHost? Host { get; private set; }

    internal Cluster? Cluster => _cluster;

    /// <summary>What TLS has agreed on with the upstream; null for plain text, and before there is a connection.</summary>
    internal TlsInfo? Tls { get; private set; }

    /// <summary>What is spoken with the upstream, as logs say it; null while nothing was sent.</summary>
    internal string? Protocol { get; private set; }

    /// <summary>How many times the request was sent, or is being sent.</summary>
    internal int Attempts => _tries.Count;

    /// <summary>The hosts that were chosen for this request so far.</summary>
    internal TriedHosts Tried => _tries.Hosts;

    /// <summary>Our own address towards the upstream, while there is a connection.</summary>
    internal PeerAddress LocalAddress => _exchange?.Transport.LocalAddress ?? default;

    /// <summary>Why the last attempt failed, for logs; null when none did.</summary>
    internal string? FailureReason { get; private set; }

    /// <summary>Bytes that may wait on either side's connection before the other one is no longer read (<c>conn_buffer_limit_bytes</c>); one read may come on top.</summary>
    internal int BufferLimit => _cluster?.Configuration.ConnectionBufferLimit ?? 0;

    /// <summary>Have both sides of an upgraded connection said their last?</summary>
    internal bool TunnelEnded => (_state & (State.ClientEnded | State.UpstreamEnded)) == (State.ClientEnded | State.UpstreamEnded);

    /// <summary>Chooses a host, not one that was chosen before while there are others. False: there is none.</summary>
    internal bool ChooseHost(Cluster cluster)
    {
        _cluster = cluster;
        if (stream.WantedHost is { } wanted)
        {
            foreach (var host in cluster.Hosts.Hosts)
            {
                if (host.Address == wanted && host.IsHealthy && !_tries.Hosts.Contains(host))
                {
                    _tries.Hosts.Add(host);
                    Host = host;
                    return true;
                }
            }

            if (stream.WantsNoOtherHost)
            {
                return false;
            }
        }

        Host = stream.ChooseHostOf(cluster, ref _tries.Hosts);
        return Host is not null;
    }

    /// <summary>Begins: the request's head is final. What follows comes by <see cref="SendData"/>.</summary>
    internal void Start(bool endStream)
    {
        _state |= State.Started | (endStream ? State.RequestEnded : 0);
        _kept.Begin(Policy?.MaxKeptBody ?? RetryPolicyConfiguration.DefaultKeptBody);
        _timeouts = RequestTimeouts.Of(stream.RouteTimeout, (int)(Policy?.RetryTimeout.TotalMilliseconds ?? 0), stream.Request.Fields);
        _declared = stream.Request.Framing == BodyFraming.Length ? stream.Request.ContentLength : -1;
        BeginCallDeadline();
        Connect(fresh: false);
    }

    /// <summary>Wants nothing more of the upstream: a connection in use closes.</summary>
    internal void Cancel()
    {
        _wait?.Abandon();
        _wait = null;
        var exchange = _exchange;
        _exchange = null;
        if (exchange is not null)
        {
            Counts.ResetHere();
            exchange.Cancel();
        }

        Uncount();
        _backOff?.End();
        _callDeadline?.End();
        _state &= ~State.Started;
    }

    internal void Reset()
    {
        _tries = default;
        _kept.Reset();
        _callDeadline?.Reset();
        _backOff?.End();
        _cluster = null;
        Tls = null;
        Protocol = null;
        Host = null;
        FailureReason = null;
        _state = 0;
        _bodySent = _responseDue = 0;
    }

    internal void Release() => _kept.Release();

    public void OnConnectionReady(IUpstreamConnection connection)
    {
        _wait = null;
        Send(connection);
        stream.UpdateFlow();
    }

    private void Connect(bool fresh)
    {
        _tries.Begin();
        var pool = _pool = stream.Site.PoolFor(Host!, _cluster!);
        if (!_permits.TryBegin(_cluster!, isFirst: _tries.Count == 1))
        {
            _wait = pool.Refuse(this, stream.UpstreamProtocol, "there are too many requests (max_requests)");
            return;
        }

        // A request that may not be sent twice goes out only on a connection that is known to be good.
        var connection = pool.Acquire(this, stream.UpstreamProtocol, stream.Request.IsHttp2, fresh, verify: !stream.Request.IsIdempotent, out _wait);
        if (connection is not null)
        {
            Send(connection);
        }

        if (connection is null || _tries.Count > 1)
        {
            // The client waits until there is a connection; with a second try it has been waiting.
            stream.UpdateFlow();
        }
    }

    private RequestCounts Counts => new(Host!, stream.Loop.Index, _pool!.Stats);

    /// <summary>The response is complete; the connection has a free slot again, or closed.</summary>
    private void Finish()
    {
        _exchange = null;
        Uncount();
    }

    private void Uncount()
    {
        _active.End(Host, stream.Loop.Index, _pool?.Stats);
        _permits.Return();
    }

    /// <summary>The try at hand has taken so long, to its answer or to the end of patience; in microseconds.</summary>
    private double Measure()
    {
        double microseconds = _active.Microseconds(stream.Loop.Timestamp);
        Host!.On(stream.Loop.Index).Measure(microseconds, stream.Loop.Now);
        return microseconds;
    }

    /// <summary>May there be another try, as far as the cluster is concerned? It is counted then.</summary>
    private bool MayRetry(bool isBudgeted) => _permits.TryRetry(_cluster!, isBudgeted, isBudgeted ? stream.Site.ActiveRequestsOf(_cluster!) : 0);
}
