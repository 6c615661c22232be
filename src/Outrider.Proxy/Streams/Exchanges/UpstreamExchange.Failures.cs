using Outrider.Filters;
using Outrider.Http.Grpc;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Net.Sockets;
using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>An upstream that fails: whether the request is sent again, and where to.</summary>
internal sealed partial class UpstreamExchange
{
    /// <summary>The route's policy for tries; null where it has none, or one that allows none.</summary>
    private RetryPolicyConfiguration? Policy => stream.Route?.Action?.RetryPolicy is { RetryOn: true } policy ? policy : null;

    public void OnConnectionFailed(string reason, ConnectionFailure failure)
    {
        _wait = null;
        FailureReason = reason;
        if (failure is ConnectionFailure.Refused or ConnectionFailure.TimedOut)
        {
            _cluster!.Outliers?.OnNoAnswer(Host!, stream.Loop.Index, failure == ConnectionFailure.TimedOut);
        }

        Uncount();
        if (failure == ConnectionFailure.CircuitBreaker)
        {
            _state &= ~State.Started;
            Counts.Refused();
            stream.FailUpstream(503, ResponseFlags.UpstreamOverflow, $"circuit breaker of cluster {_cluster!.Name}: {reason}", "circuit breaker: " + reason);
            return;
        }

        stream.Site.OnConnectFailed(Host!, FailureReason);
        var failed = Counts;
        if (RetryElsewhere(orOnTheSameHost: false, isBudgeted: false))
        {
            failed.RetriedToConnect();
            return;
        }

        if (failure != ConnectionFailure.Overflow && _kept.IsWhole && Policy is { } policy && (policy.Conditions & RetryConditions.ConnectFailure) != 0
            && _tries.AllowedBy(policy) && MayRetry(isBudgeted: true))
        {
            failed.RetriedToConnect();
            RetryByPolicy();
            return;
        }

        _state &= ~State.Started;
        switch (failure)
        {
            case ConnectionFailure.Overflow:
                stream.FailUpstream(503, ResponseFlags.UpstreamOverflow, FailureReason, "no upstream connection became free");
                break;
            case ConnectionFailure.TimedOut:
                stream.FailUpstream(504, ResponseFlags.UpstreamConnectionFailure | ResponseFlags.UpstreamRequestTimeout, FailureReason);
                break;
            default:
                stream.FailUpstream(502, ResponseFlags.UpstreamConnectionFailure, "connect failed");
                break;
        }
    }

    public void OnUpstreamReset(UpstreamFailure failure)
    {
        _exchange = null;
        Uncount();
        FailureReason = failure.Protocol?.Message
            ?? (failure.Tls is { } tls ? "TLS: " + tls : failure.Error == 0 ? "upstream closed the connection" : SocketErrors.Describe(failure.Error));
        Counts.ResetThere(alone: failure.Reason == ResetReason.StreamReset);
        if (MaySpeakOtherVersion(failure))
        {
            _state |= State.OtherVersionTried;
            CountRetry();
            Connect(fresh: false);
            return;
        }

        if (CanSendAgain(failure))
        {
            if (failure.WasReused && (_state & State.FreshRetried) == 0 && (failure.NothingSent || stream.Request.IsIdempotent))
            {
                // It had been idle for too long, nothing more: the same host, on a connection that cannot have been.
                _state |= State.FreshRetried;
                CountRetry();
                Connect(fresh: true);
                return;
            }

            _cluster!.Outliers?.OnNoAnswer(Host!, stream.Loop.Index, timedOut: false);
            // What was sent is repeated because the route says so, and that holds for the same host too.
            if (RetryElsewhere(orOnTheSameHost: !failure.NothingSent, isBudgeted: !failure.NothingSent))
            {
                return;
            }
        }
        else
        {
            _cluster!.Outliers?.OnNoAnswer(Host!, stream.Loop.Index, timedOut: false);
        }

        _state &= ~State.Started;
        LogFailure();
        bool protocol = failure.Reason == ResetReason.ProtocolError;
        // OpenSSL's words tell of certificates and of versions, which are for the log.
        stream.FailUpstream(
            502, protocol ? ResponseFlags.UpstreamProtocolError : ResponseFlags.UpstreamConnectionTermination, FailureReason,
            failure.Protocol is null && failure.Tls is not null ? "upstream TLS failed" : null);
    }

    // Where the client's version was only a guess, and the pool has taken note that it was wrong.
    private bool MaySpeakOtherVersion(UpstreamFailure failure)
        => failure.SpokeNever
            && (_state & State.OtherVersionTried) == 0
            && stream.UpstreamProtocol.IsNegotiated
            && _kept.IsWhole
            && (failure.NothingSent || stream.Request.IsIdempotent);

    private bool CanSendAgain(UpstreamFailure failure)
        => !failure.ResponseBegun
            && failure.Reason != ResetReason.ProtocolError
            && _kept.IsWhole
            && !_tries.AreEnough
            && (failure.NothingSent
                || (stream.Request.IsIdempotent && failure.WasReused && (_state & State.FreshRetried) == 0)
                || (MayRepeat && _tries.TryTake(Policy)));

    /// <summary>May what was sent be sent again, though nobody knows what came of it?</summary>
    private bool MayRepeat => Policy is { OnReset: true } policy && (policy.NonIdempotent || stream.Request.IsIdempotent);

    /// <summary>Tries a host that was not tried yet. False: there is none, or it has been enough.</summary>
    private bool RetryElsewhere(bool orOnTheSameHost, bool isBudgeted)
    {
        if (!_kept.IsWhole || _tries.AreEnough)
        {
            return false;
        }

        var before = _tries.Hosts;
        var next = stream.ChooseHostOf(_cluster!, ref _tries.Hosts);
        if (next is null || (before.Contains(next) && !orOnTheSameHost) || !MayRetry(isBudgeted))
        {
            return false;
        }

        Host = next;
        CountRetry();
        Connect(fresh: false);
        return true;
    }

    /// <summary>A status that the route's policy says to try again: the answer is dropped, if the request is still all here.</summary>
    private bool RetryOnStatus()
    {
        if (Policy is not { } policy
            || !_tries.AllowedBy(policy)
            || !_kept.IsWhole
            || (_state & State.RequestEnded) == 0
            || !Matches(policy, stream.Response)
            || !MayRetry(isBudgeted: true))
        {
            return false;
        }

        RetryByPolicy();
        return true;
    }

    /// <summary>Drops the try at hand and makes another, which the policy allows, on another host where there is one.</summary>
    private void RetryByPolicy()
    {
        _ = _tries.TryTake(Policy);
        var exchange = _exchange;
        _exchange = null;
        if (exchange is not null)
        {
            Counts.ResetHere();
            exchange.Cancel();
        }

        _active.End(Host, stream.Loop.Index, _pool?.Stats);
        CountRetry();
        if ((_backOff ??= new RetryDelay(stream.Loop, ConnectAgain)).Begin(Policy!, _tries.Count, stream.Site.Random))
        {
            stream.Deadline.Set(DeadlineKind.Response, (int)TimeLeft());
            stream.UpdateFlow();
        }
        else
        {
            ConnectAgain();
        }
    }

    private void ConnectAgain()
    {
        Host = stream.ChooseHostOf(_cluster!, ref _tries.Hosts) ?? Host;
        Connect(fresh: false);
    }

    // Of gRPC what the head says: with trailers it would be too late.
    private static bool Matches(RetryPolicyConfiguration policy, ResponseHead head)
        => policy.Matches(head.Status)
            || (!policy.GrpcStatuses.IsEmpty && GrpcRequest.IsGrpc(head.Fields) && policy.GrpcStatuses.Contains(GrpcStatus.In(head.Fields)));

    private void CountRetry()
    {
        stream.Site.Stats.Retries++;
        _pool!.Stats.Retries++;
    }

    private void LogFailure()
    {
        if (stream.Site.IsLogged(StreamLogLevel.Warn))
        {
            stream.Site.Log(StreamLogLevel.Warn, stream, $"upstream {Host}: {FailureReason}");
        }
    }
}
