using Outrider.Net;

namespace Outrider.Proxy.Streams;

/// <summary>The one thing that a stream waits for at a time, and until when.</summary>
internal sealed class StreamDeadline(ProxyStream stream) : LoopTimer
{
    internal DeadlineKind Kind { get; private set; }

    internal void Set(DeadlineKind kind, int milliseconds)
    {
        Kind = kind;
        if (milliseconds > 0)
        {
            stream.Loop.Arm(this, milliseconds);
        }
        else
        {
            EventLoop.Disarm(this);
        }
    }

    internal void Clear()
    {
        Kind = DeadlineKind.None;
        EventLoop.Disarm(this);
    }

    protected override void OnTimer() => stream.OnDeadline(Kind);
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
