using System.Net;
using Outrider.Net.Timers;

namespace Outrider.Net.Loops;

/// <summary>
/// The connections of one loop that want to be made while the process is short of descriptors. They wait in order, each for as long as it
/// may then take to be made: what is short is the process's, and says nothing of the peer. Asked again when a connection of the loop closes
/// and every 50 ms. On the loop.
/// </summary>
/// <param name="loop">The loop.</param>
internal sealed class WaitingConnects(EventLoop loop) : LoopTimer
{
    private const int RetryMilliseconds = 50;

    private readonly Queue<(IWaitingConnect Connection, EndPoint EndPoint, long Timeout)> _waiting = new();

    /// <summary>Does nobody wait, so that another need not wait behind?</summary>
    internal bool IsEmpty => _waiting.Count == 0;

    internal int Count => _waiting.Count;

    /// <summary>One more, which may take <paramref name="timeout"/> milliseconds once there is a descriptor for it.</summary>
    internal void Add(IWaitingConnect connection, EndPoint endPoint, long timeout)
    {
        connection.Arm(timeout);
        _waiting.Enqueue((connection, endPoint, timeout));
        if (!IsArmed)
        {
            loop.Arm(this, RetryMilliseconds);
        }

        loop.Pipes.CloseFree();
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
            if (!next.Connection.IsClosed)
            {
                if (!next.Connection.TryOpen(next.EndPoint))
                {
                    loop.Arm(this, RetryMilliseconds);
                    loop.OutOfDescriptors?.Invoke(false);
                    return;
                }

                next.Connection.Arm(next.Timeout);
            }

            _ = _waiting.Dequeue();
            loop.RunFlushes();
        }
    }
}
