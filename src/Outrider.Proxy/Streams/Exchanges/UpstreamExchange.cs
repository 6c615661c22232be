using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Net.Addresses;
using Outrider.Net.Tls;
using Outrider.Proxy.Streams.Destinations;
using Outrider.Proxy.Streams.Records;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>
/// A stream's dealings with the upstream: a host, a connection, the request out, the response in; and again with another
/// host or connection where that is safe.
/// </summary>
internal sealed class UpstreamExchange : IResponseReceiver
{
    private readonly StreamRecord _record;
    private readonly RequestDestination _destination;
    private readonly IExchangeOwner _owner;
    private readonly RequestRepeats _repeats;
    private readonly ResponseWait _wait;
    private readonly UpstreamTries _tries;
    private readonly FailureReport _failure;
    private DeclaredLength _length;
    private ExchangeState _state;
    private IExchange? _exchange;

    internal UpstreamExchange(StreamRecord record, RequestDestination destination, StreamDeadline deadline, IExchangeOwner owner)
    {
        _record = record;
        _destination = destination;
        _owner = owner;
        _failure = new FailureReport(record, owner);
        _repeats = new RequestRepeats(record);
        _wait = new ResponseWait(record, deadline, OnCallOver);
        _tries = new UpstreamTries(record, destination, _repeats, this);
    }

    private ref HostUse Use => ref _tries.Use;

    internal UpstreamHost? Host => Use.Host;

    internal Cluster? Cluster => Use.Cluster;

    /// <summary>What TLS has agreed on with the upstream; null for plain text, and before there is a connection.</summary>
    internal TlsInfo? Tls { get; private set; }

    /// <summary>What is spoken with the upstream, as logs say it; null while nothing was sent.</summary>
    internal string? Protocol { get; private set; }

    /// <summary>How many times the request was sent, or is being sent.</summary>
    internal int Attempts => _repeats.Tries.Count;

    /// <summary>The hosts that were chosen for this request so far.</summary>
    internal TriedHosts Tried => _repeats.Tries.Hosts;

    /// <summary>Our own address towards the upstream, while there is a connection.</summary>
    internal PeerAddress LocalAddress => _exchange?.Transport.LocalAddress ?? default;

    /// <summary>Why the last attempt failed, for logs; null when none did.</summary>
    internal string? FailureReason => _failure.Reason;

    /// <summary>Bytes that may wait on either side's connection before the other one is no longer read (<c>conn_buffer_limit_bytes</c>); one read may come on top.</summary>
    internal int BufferLimit => Use.Cluster?.Configuration.ConnectionBufferLimit ?? 0;

    /// <summary>Have both sides of an upgraded connection said their last?</summary>
    internal bool TunnelEnded => (_state & (ExchangeState.ClientEnded | ExchangeState.UpstreamEnded)) == (ExchangeState.ClientEnded | ExchangeState.UpstreamEnded);

    /// <summary>Is the time over that a gRPC client gave its call?</summary>
    internal bool IsPastCallDeadline => _wait.IsPastCall;

    /// <summary>Must the client wait with the rest of its request?</summary>
    internal bool HoldsRequest => (_state & ExchangeState.Started) != 0
        && (_exchange is null
            ? (_state & ExchangeState.ResponseBegun) == 0
            : (_state & ExchangeState.WriteBlocked) != 0 && _exchange.PendingOutput >= BufferLimit);

    public ResponseHead ResponseHead => _record.Response;

    public HeaderBlock ResponseTrailers => _record.ResponseTrailers;

    /// <summary>Chooses a host, not one that was chosen before while there are others. False: there is none.</summary>
    internal bool ChooseHost(Cluster cluster) => _tries.ChooseHost(cluster);

    /// <summary>Begins: the request's head is final. What follows comes by <see cref="SendData"/>.</summary>
    internal void Start(bool endStream)
    {
        _state |= ExchangeState.Started | (endStream ? ExchangeState.RequestEnded : 0);
        _repeats.Begin();
        _length.Begin(_record.Request);
        _wait.Begin(_repeats.Policy);
        _tries.Connect(fresh: false);
    }

    internal void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_record.IsTunnel)
        {
            SendTunnel(data, endStream);
            return;
        }

        if (endStream)
        {
            _state |= ExchangeState.RequestEnded;
        }

        if (!IsLengthKept(data.Length, endStream))
        {
            return;
        }

        if (_exchange is null)
        {
            Keep(data);
            return;
        }

        _repeats.Kept.AddSent(data);
        Use.Pool!.Stats.BytesOut += data.Length;
        _exchange.SendData(data, endStream);
        NoteBlocked();
        if (endStream)
        {
            _wait.Await(_state);
        }
        else if ((_state & ExchangeState.WriteBlocked) != 0)
        {
            _owner.UpdateFlow();
        }
    }

    internal void SendTrailers(HeaderBlock trailers)
    {
        _state |= ExchangeState.RequestEnded | ExchangeState.HasTrailers;
        if (IsLengthKept(0, isLast: true) && _exchange is not null)
        {
            _exchange.SendTrailers(trailers);
            _wait.Await(_state);
        }
    }

    internal void PauseResponse() => _exchange?.PauseResponse();

    internal void ResumeResponse() => _exchange?.ResumeResponse();

    /// <summary>Sets the deadline for what is waited for now, after a filter was waited for.</summary>
    internal void RestoreDeadline()
    {
        _wait.Clear();
        if ((_state & ExchangeState.Started) != 0 && _exchange is not null)
        {
            _wait.Await(_state);
        }
    }

    /// <summary>What was waited for did not come.</summary>
    internal void OnTimeout(DeadlineKind kind)
    {
        double waited = 0;
        if (_exchange is not null)
        {
            waited = Use.Measure(_record.Loop) / 1000;
            Use.OnNoAnswer(_record.Loop, timedOut: true);
        }

        _failure.OnTimeout(kind == DeadlineKind.RequestSend ? "request send timeout" : "response timeout", Use);
        if (_tries.TryByPolicy(kind == DeadlineKind.Response && _exchange is not null && _wait.HasTimeForAnother && _repeats.AllowedAfterTimeout, waited))
        {
            return;
        }

        Cancel();
        _failure.FailTimeout();
    }

    /// <summary>Wants nothing more of the upstream: a connection in use closes.</summary>
    internal void Cancel()
    {
        _tries.Cancel();
        DropAttached();
        Use.End(_record.Loop);
        _wait.EndCall();
        _state &= ~ExchangeState.Started;
    }

    /// <summary>Makes ready for the next request.</summary>
    internal void Reset()
    {
        _repeats.Reset();
        _wait.Reset();
        _tries.Reset();
        Tls = null;
        Protocol = null;
        _failure.Reason = null;
        _state = 0;
    }

    /// <summary>Gives back the memory that is held.</summary>
    internal void Release() => _repeats.Kept.Release();

    /// <summary>There is no connection to the host.</summary>
    internal void OnNoConnection(string reason, ConnectionFailure failure)
    {
        _failure.Reason = reason;
        var counts = Use.CountsOn(_record.Loop);
        if (failure != ConnectionFailure.CircuitBreaker)
        {
            _record.Services.OnConnectFailed(Host!, reason);
            if (_tries.TryElsewhere(orOnTheSameHost: false, isBudgeted: false) || _tries.TryByPolicy(_repeats.AllowedAfterConnect(failure)))
            {
                counts.RetriedToConnect();
                return;
            }
        }

        _state &= ~ExchangeState.Started;
        _failure.FailConnect(failure, Use);
    }

    public void OnRequestBlocked()
    {
        _state |= ExchangeState.WriteBlocked;
        _wait.Await(_state);
        _owner.UpdateFlow();
    }

    public void OnRequestProgress() => _wait.OnProgress();

    public void OnRequestWritten()
    {
        _state &= ~ExchangeState.WriteBlocked;
        _wait.Await(_state);
        _owner.UpdateFlow();
    }

    public void OnInformational() => _record.Client.Connection.SendInformational(_record.Response);

    public void OnResponseHead(bool endStream)
    {
        Use.OnAnswer(_record, closes: !_record.Response.KeepAlive && Protocol == "HTTP/1.1", endStream);
        if (endStream)
        {
            Finish();
        }

        if (_tries.TryByPolicy(_repeats.AllowedAfterAnswer(_state, _record.Response)))
        {
            return;
        }

        if (_record.Request is { IsHttp2: true, IsUpgrade: true } && _record.Response.Status is >= 200 and < 300)
        {
            // To the client that would be an open tunnel (RFC 8441 §4).
            Cancel();
            _failure.FailUpgrade();
            return;
        }

        _state |= ExchangeState.ResponseBegun;
        _repeats.Kept.Drop();
        if (endStream || _record.Response.Status == 101)
        {
            _wait.Clear();
        }
        else
        {
            _wait.AwaitBody();
        }

        _owner.OnUpstreamHead(endStream);
    }

    public void OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        Use.Pool!.Stats.BytesIn += data.Length;
        if (_record.IsTunnel)
        {
            _state |= endStream ? ExchangeState.UpstreamEnded : 0;
            if (TunnelEnded)
            {
                Finish();
            }
        }
        else if (endStream)
        {
            Use.OnAnswerEnd(_record.Loop, trailers: null);
            Finish();
            _wait.Clear();
        }
        else
        {
            _wait.AwaitBody();
        }

        _owner.OnUpstreamData(data, endStream);
    }

    public void OnResponseTrailers()
    {
        Use.OnAnswerEnd(_record.Loop, _record.ResponseTrailers);
        Finish();
        _wait.Clear();
        _owner.OnUpstreamTrailers();
    }

    public void OnUpstreamReset(UpstreamFailure failure)
    {
        _exchange = null;
        Use.End(_record.Loop);
        _failure.Note(failure);
        Use.CountsOn(_record.Loop).ResetThere(alone: failure.Reason == ResetReason.StreamReset);
        var kind = _repeats.AfterReset(failure, ref _state, _destination.UpstreamProtocol.IsNegotiated);
        if (kind is RetryKind.OtherVersion or RetryKind.FreshConnection)
        {
            _tries.Repeat(fresh: kind == RetryKind.FreshConnection);
            return;
        }

        Use.OnNoAnswer(_record.Loop, timedOut: false);
        // What was sent is repeated because the route says so, and that holds for the same host too.
        if (kind == RetryKind.OtherHost && _tries.TryElsewhere(orOnTheSameHost: !failure.NothingSent, isBudgeted: !failure.NothingSent))
        {
            return;
        }

        _state &= ~ExchangeState.Started;
        _failure.FailReset(failure, Use);
    }

    /// <summary>There is a connection: the request goes out, as far as it is here.</summary>
    internal void Send(IUpstreamConnection connection)
    {
        Tls = connection.Transport.Tls;
        Protocol = connection.Protocol;
        _state &= ~ExchangeState.WriteBlocked;
        _record.Addresses.CaptureUpstream(connection.Transport, withLocal: _record.NeedsAddresses);

        _record.Route!.ApplyHost(_record.Request, Use.Cluster!, Host!);
        Use.OnSent(_record.Loop);
        _destination.CompleteHead(Host!);
        bool ended = (_state & ExchangeState.RequestEnded) != 0;
        bool trailers = (_state & ExchangeState.HasTrailers) != 0;
        ref var kept = ref _repeats.Kept;
        var exchange = connection.Attach(this, _record.Request, ended && kept.IsEmpty && !trailers);
        _exchange = exchange;
        if (!kept.IsEmpty)
        {
            Use.Pool!.Stats.BytesOut += kept.Length;
            exchange.SendData(kept.Span, ended && !trailers);
            NoteBlocked();
            if (!ended)
            {
                kept.DropIfLarge();
            }
        }

        if (trailers)
        {
            exchange.SendTrailers(_record.Client.RequestTrailers);
        }

        _wait.Await(_state);
    }

    private void Keep(ReadOnlySpan<byte> data)
    {
        // The upstream may have answered without it, and takes no more. Else it is one read's worth: the client is held back.
        if ((_state & ExchangeState.ResponseBegun) == 0)
        {
            _repeats.Kept.Add(data);
            _owner.UpdateFlow();
        }
    }

    private void SendTunnel(ReadOnlySpan<byte> data, bool endStream)
    {
        Use.Pool!.Stats.BytesOut += data.Length;
        _exchange?.SendData(data, endStream);
        NoteBlocked();
        _state |= endStream ? ExchangeState.ClientEnded : 0;
        if (endStream && TunnelEnded)
        {
            Finish();
            _owner.OnTunnelEnded();
        }
        else if (!endStream && (_state & ExchangeState.WriteBlocked) != 0)
        {
            _owner.UpdateFlow();
        }
    }

    // What waits for a window is known at once, what waits for the kernel when the event at hand is done.
    private void NoteBlocked() => _state |= _exchange is { IsWriteBlocked: true } ? ExchangeState.WriteBlocked : 0;

    /// <summary>The response is complete; the connection has a free slot again, or closed.</summary>
    private void Finish()
    {
        _exchange = null;
        Use.End(_record.Loop);
    }

    /// <summary>Lets go of the connection that it is attached to.</summary>
    internal void DropAttached()
    {
        if (_exchange is { } exchange)
        {
            _exchange = null;
            Use.CountsOn(_record.Loop).ResetHere();
            exchange.Cancel();
        }
    }

    /// <summary>There is a pause before the next try.</summary>
    internal void OnPause()
    {
        _wait.AwaitRetry();
        _owner.UpdateFlow();
    }

    /// <summary>The request is held up, or no more.</summary>
    internal void OnFlow() => _owner.UpdateFlow();

    private void OnCallOver()
    {
        // Where the upstream has kept to it, what is left is for the client to take.
        if ((_state & ExchangeState.Started) == 0 || (_exchange is null && (_state & ExchangeState.ResponseBegun) != 0))
        {
            return;
        }

        _failure.OnTimeout(_wait.CallReason, Use);
        Cancel();
        _failure.FailTimeout("deadline exceeded");
    }

    private bool IsLengthKept(int length, bool isLast)
    {
        bool isKept = _length.Add(length, isLast);
        if (!isKept)
        {
            _owner.OnFilterFailed(_record.Snapshot.Filters.NamesWith(StreamFilterMethods.DecodeHeaders | StreamFilterMethods.DecodeData), _length.Failure());
        }

        return isKept;
    }
}
