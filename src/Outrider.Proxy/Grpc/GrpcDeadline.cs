using Outrider.Net.Loops;
using Outrider.Net.Timers;

namespace Outrider.Proxy.Grpc;

/// <summary>
/// The time that a gRPC client gives its call, all tries and the whole response in it. Lives, and is used again, with a stream; on its
/// loop. A stream that is not gRPC's never has one.
/// </summary>
internal sealed class GrpcDeadline(EventLoop loop, Action expired) : LoopTimer
{
    /// <summary>Is the time over?</summary>
    internal bool HasPassed { get; private set; }

    /// <summary>The time runs.</summary>
    /// <param name="milliseconds">What is left of it, 1 at least.</param>
    internal void Begin(long milliseconds) => loop.Arm(this, milliseconds);

    /// <summary>Nothing waits for it any more; <see cref="HasPassed"/> stays.</summary>
    internal void End() => EventLoop.Disarm(this);

    /// <summary>Makes ready for another call.</summary>
    internal void Reset()
    {
        HasPassed = false;
        EventLoop.Disarm(this);
    }

    protected override void OnTimer()
    {
        HasPassed = true;
        expired();
    }
}
