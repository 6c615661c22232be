using System.Diagnostics;
using Outrider.Configuration.Model;
using Outrider.Http.Grpc;
using Outrider.Proxy.Grpc;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>
/// How long an exchange waits, and for what: the upstream to take the request, its answer, the pieces of its body; and the time that a gRPC client gives its call. Lives,
/// and is used again, with its exchange.
/// </summary>
/// <param name="record">The stream's.</param>
/// <param name="deadline">The stream's.</param>
/// <param name="callOver">Told when the whole call's time is over.</param>
internal sealed class ResponseWait(StreamRecord record, StreamDeadline deadline, Action callOver)
{
    private RequestTimeouts _timeouts;
    private GrpcDeadline? _call;
    private long _due;

    /// <summary>Is the time over that a gRPC client gave its call?</summary>
    internal bool IsPastCall => _call is { HasPassed: true };

    /// <summary>Why the whole call's time is over, for logs.</summary>
    internal string CallReason { get; private set; } = "";

    /// <summary>Does each try have a time of its own, and do all together have time left?</summary>
    internal bool HasTimeForAnother => _timeouts.Each > 0 && record.Loop.Now < _due;

    /// <summary>The request begins.</summary>
    internal void Begin(RetryPolicyConfiguration? policy)
    {
        _timeouts = RequestTimeouts.Of(record.RouteTimeout, (int)(policy?.RetryTimeout.TotalMilliseconds ?? 0), record.Request.Fields, record.Controls);
        // The client's time has run since its request came; what filters have used of it the upstream does not get.
        long longest = record.Route?.MaxStreamMilliseconds ?? 0;
        long call = GrpcRequest.Timeout(record.Request.Fields);
        long limit = call > 0 && longest > 0 ? Math.Min(call, longest) : Math.Max(call, longest);
        if (limit > 0)
        {
            CallReason = call > 0 && (longest == 0 || call <= longest) ? "the call's grpc-timeout is over" : "max_stream_duration is over";
            long used = (long)Stopwatch.GetElapsedTime(record.Times.Started, record.Loop.Timestamp).TotalMilliseconds;
            (_call ??= new(record.Loop, callOver)).Begin(Math.Max(1, limit - used));
        }
    }

    /// <summary>
    /// Once everything is sent the upstream has its time. While it does not take what waits, that is the limit; while the
    /// client still sends, or in a tunnel, the client's connection has limits of its own.
    /// </summary>
    internal void Await(ExchangeState state)
    {
        if (deadline.Kind == DeadlineKind.Filter)
        {
            // That one comes first; the stream asks again when it has ended.
        }
        else if ((state & ExchangeState.ResponseBegun) != 0 && !record.IsTunnel)
        {
            AwaitBody();
        }
        else if ((state & ExchangeState.WriteBlocked) != 0)
        {
            deadline.Set(DeadlineKind.RequestSend, record.Services.SendTimeout);
        }
        else if ((state & ExchangeState.RequestEnded) != 0 && !record.IsTunnel)
        {
            // What is left for all tries, or less where each has its own.
            deadline.Set(DeadlineKind.Response, (int)(_timeouts.Each > 0 ? Math.Min(TimeLeft(), _timeouts.Each) : TimeLeft()));
        }
        else
        {
            deadline.Clear();
        }
    }

    /// <summary>The next piece of the response's body is waited for.</summary>
    internal void AwaitBody()
    {
        if (record.Client.Connection.IsWriteBlocked)
        {
            // The client is what holds it up, and its own limit is running.
            deadline.Clear();
        }
        else
        {
            deadline.Set(DeadlineKind.ResponseBody, record.RouteTimeout);
        }
    }

    /// <summary>There is a pause before another try.</summary>
    internal void AwaitRetry() => deadline.Set(DeadlineKind.Response, (int)TimeLeft());

    /// <summary>The upstream has taken some of what waits for it.</summary>
    internal void OnProgress()
    {
        if (deadline.Kind == DeadlineKind.RequestSend)
        {
            deadline.Set(DeadlineKind.RequestSend, record.Services.SendTimeout);
        }
    }

    /// <summary>Nothing is waited for but a filter.</summary>
    internal void Clear() => deadline.Clear();

    /// <summary>Nothing more of the upstream is waited for.</summary>
    internal void EndCall() => _call?.End();

    /// <summary>Makes ready for the next request.</summary>
    internal void Reset()
    {
        _call?.Reset();
        _due = 0;
    }

    // Milliseconds that all tries together have left, since the request has ended.
    private long TimeLeft()
    {
        long now = record.Loop.Now;
        if (_due == 0)
        {
            _due = now + _timeouts.All;
        }

        return Math.Max(1, _due - now);
    }
}
