using System.Diagnostics;
using Outrider.Filters;
using Outrider.Http.Grpc;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>What the exchange waits for, and for how long.</summary>
internal sealed partial class UpstreamExchange
{
    /// <summary>Sets the deadline for what is waited for now, after a filter was waited for.</summary>
    internal void RestoreDeadline()
    {
        stream.Deadline.Clear();
        if ((_state & State.Started) != 0 && _exchange is not null)
        {
            AwaitResponse();
        }
    }

    /// <summary>What was waited for did not come.</summary>
    internal void OnTimeout(DeadlineKind kind)
    {
        stream.Site.Stats.UpstreamTimeouts++;
        Counts.TimedOut();
        if (_exchange is not null)
        {
            _ = Measure();
            _cluster!.Outliers?.OnNoAnswer(Host!, stream.Loop.Index, timedOut: true);
        }

        FailureReason = kind == DeadlineKind.RequestSend ? "request send timeout" : "response timeout";
        LogFailure();
        if (kind == DeadlineKind.Response && _exchange is not null && stream.Loop.Now < _responseDue && HasTimeForAnotherTry && MayRetry(isBudgeted: true))
        {
            RetryByPolicy();
            return;
        }

        Cancel();
        stream.FailUpstream(504, ResponseFlags.UpstreamRequestTimeout, FailureReason);
    }

    /// <summary>Is the time over that a gRPC client gave its call?</summary>
    internal bool IsPastCallDeadline => _callDeadline is { HasPassed: true };

    // The client's time has run since its request came; what filters have used of it the upstream does not get.
    private void BeginCallDeadline()
    {
        long longest = stream.Route?.MaxStreamMilliseconds ?? 0;
        long call = GrpcRequest.Timeout(stream.Request.Fields);
        _callReason = call > 0 && (longest == 0 || call <= longest) ? "the call's grpc-timeout is over" : "max_stream_duration is over";
        long limit = call > 0 && longest > 0 ? Math.Min(call, longest) : Math.Max(call, longest);
        if (limit > 0)
        {
            long used = (long)Stopwatch.GetElapsedTime(stream.StartedAt, stream.Loop.Timestamp).TotalMilliseconds;
            (_callDeadline ??= new(stream.Loop, OnCallDeadline)).Begin(Math.Max(1, limit - used));
        }
    }

    private void OnCallDeadline()
    {
        if ((_state & State.Started) == 0 || (_exchange is null && (_state & State.ResponseBegun) != 0))
        {
            // The upstream has kept to it: what is left is for the client to take.
            return;
        }

        stream.Site.Stats.UpstreamTimeouts++;
        Counts.TimedOut();
        FailureReason = _callReason!;
        LogFailure();
        Cancel();
        stream.FailUpstream(504, ResponseFlags.UpstreamRequestTimeout, FailureReason, "deadline exceeded");
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

    /// <summary>Milliseconds for this try: what is left for all of them, or less where each has its own.</summary>
    private int ResponseTime() => (int)(_timeouts.Each > 0 ? Math.Min(TimeLeft(), _timeouts.Each) : TimeLeft());

    /// <summary>Milliseconds that all tries together have left, since the request has ended.</summary>
    private long TimeLeft()
    {
        long now = stream.Loop.Now;
        if (_responseDue == 0)
        {
            _responseDue = now + _timeouts.All;
        }

        return Math.Max(1, _responseDue - now);
    }

    /// <summary>Would another try be allowed after one that took too long?</summary>
    private bool HasTimeForAnotherTry => _timeouts.Each > 0 && MayRepeat && _tries.AllowedBy(Policy) && _kept.IsWhole;
}
