using Outrider.Net.Loops;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Server;

/// <summary>A listener's open connections on one loop: how many there are, and those of the loop's transports that are its own.</summary>
internal sealed class OpenConnections(EventLoop loop, object owner)
{
    internal int Count { get; private set; }

    internal void Add() => Count++;

    internal void Remove() => Count--;

    /// <summary>Has each end: at once if nothing is under way on it, otherwise with what is at hand.</summary>
    internal void Drain()
    {
        foreach (var transport in loop.TransportsOf(owner))
        {
            transport.Handler.OnDrain();
        }
    }

    /// <summary>Closes some that have waited for a request for so long: those that have waited longest, or half as long as that. Returns how many.</summary>
    internal int CloseResting(int milliseconds, int most)
    {
        uint longest = 0;
        foreach (var transport in loop.TransportsOf(owner))
        {
            longest = Math.Max(longest, transport.Handler.RestingMilliseconds);
        }

        int closed = 0;
        uint least = Math.Max((uint)milliseconds, longest / 2);
        if (longest < least)
        {
            return 0;
        }

        foreach (var transport in loop.TransportsOf(owner))
        {
            if (closed < most && transport.Handler.RestingMilliseconds >= least)
            {
                transport.Handler.OnDrain();
                closed++;
            }
        }

        return closed;
    }

    /// <summary>Closes all at once: the proxy stops.</summary>
    internal void CloseAll()
    {
        foreach (var transport in loop.TransportsOf(owner))
        {
            transport.Handler.OnCut();
        }
    }
}
