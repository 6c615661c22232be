using System.Net;
using Outrider.Net.Timers;

namespace Outrider.Net.Loops;

/// <summary>
/// The connections of one loop that want to be made while the process is short of descriptors. They wait in order; whoever made
/// them has a timeout for it. Asked again when a connection of the loop closes and every 50 ms. On the loop.
/// </summary>
/// <param name="loop">The loop.</param>
internal sealed class WaitingConnects(EventLoop loop) : LoopTimer
{
    private const int RetryMilliseconds = 50;

    private readonly Queue<(IWaitingConnect Connection, EndPoint EndPoint)> _waiting = new();

    /// <summary>Does nobody wait, so that another need not wait behind?</summary>
    internal bool IsEmpty => _waiting.Count == 0;

    internal int Count => _waiting.Count;

    internal void Add(IWaitingConnect connection, EndPoint endPoint)
    {
        _waiting.Enqueue((connection, endPoint));
        if (!IsArmed)
        {
            loop.Arm(this, RetryMilliseconds);
        }

        loop.OutOfDescriptors?.Invoke(true);
    }

    /// <summary>A descriptor of the loop has become free.</summary>
    internal void OnDescriptorClosed()
    {
        if (_waiting.Count > 0)
        {
            loop.Arm(this, 0);
        }
    }

    /// <inheritdoc/>
    protected internal override void OnTimer()
    {
        while (_waiting.TryPeek(out var next))
        {
            if (!next.Connection.IsClosed && !next.Connection.TryOpen(next.EndPoint))
            {
                loop.Arm(this, RetryMilliseconds);
                loop.OutOfDescriptors?.Invoke(false);
                return;
            }

            _ = _waiting.Dequeue();
            loop.RunFlushes();
        }
    }
}
