using Outrider.Net.Loops;
using Outrider.Net.Timers;

namespace Outrider.Proxy.Streams.Records;

/// <summary>The one thing that a stream waits for at a time, and until when.</summary>
internal sealed class StreamDeadline(EventLoop loop, IDeadlineOwner owner) : LoopTimer
{
    internal DeadlineKind Kind { get; private set; }

    internal void Set(DeadlineKind kind, int milliseconds)
    {
        // The upstream's time does not run while a filter is waited for; what the filter has is a limit of its own.
        if (kind != DeadlineKind.Filter && owner.IsFilterWaiting)
        {
            return;
        }

        Kind = kind;
        if (milliseconds > 0)
        {
            loop.Arm(this, milliseconds);
        }
        else
        {
            EventLoop.Disarm(this);
        }
    }

    /// <summary>Waits for nothing, but for a filter that is at work.</summary>
    internal void Clear()
    {
        if (!owner.IsFilterWaiting)
        {
            Stop();
        }
    }

    /// <summary>The stream is over.</summary>
    internal void Stop()
    {
        Kind = DeadlineKind.None;
        EventLoop.Disarm(this);
    }

    protected override void OnTimer() => owner.OnDeadline(Kind);
}

/// <summary>What is waited for.</summary>
internal enum DeadlineKind : byte
{
    None,

    /// <summary>A filter's call.</summary>
    Filter,

    /// <summary>The upstream's response head.</summary>
    Response,

    /// <summary>The next piece of the response's body.</summary>
    ResponseBody,

    /// <summary>The upstream to take more of the request.</summary>
    RequestSend,
}
