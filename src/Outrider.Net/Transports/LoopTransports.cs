using Outrider.Net.Loops;

namespace Outrider.Net.Transports;

/// <summary>Finds the transports of a loop. On the loop.</summary>
public static class LoopTransports
{
    /// <summary>The open transports of the loop. They may be closed meanwhile, and others made.</summary>
    public static IEnumerable<Transport> Transports(this EventLoop loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        for (int i = 0; i < loop.Poller.Capacity; i++)
        {
            if (loop.Poller.At(i) is Transport transport)
            {
                yield return transport;
            }
        }
    }

    /// <summary>The open transports of the loop whose handler has that owner. They may be closed meanwhile, and others made.</summary>
    public static IEnumerable<Transport> TransportsOf(this EventLoop loop, object owner)
    {
        ArgumentNullException.ThrowIfNull(loop);
        for (int i = 0; i < loop.Poller.Capacity; i++)
        {
            if (loop.Poller.At(i) is Transport transport && transport.Handler.Owner == owner)
            {
                yield return transport;
            }
        }
    }
}
