using Outrider.Net.Loops;
using Outrider.Net.Timers;

namespace Outrider.Proxy.Streams;

/// <summary>
/// Streams of one listener on one loop that have ended, and wait to be used again. The one that ended last goes first: it is still in the
/// cache. Those that nobody has needed for a while go, so that a burst does not hold memory for good.
/// </summary>
/// <param name="loop">Whose streams they are.</param>
/// <param name="unusedTime">Those that were not needed for so many milliseconds go.</param>
internal sealed class FreeStreams(EventLoop loop, int unusedTime = 5000) : LoopTimer
{
    // Streams that rest with their buffers, about 8 KiB each; a burst's surplus goes to the garbage collector.
    private const int MaxFree = 1024;

    // So few stay whatever happens.
    internal const int MinFree = 16;

    private ProxyStream? _first;
    private int _unused;

    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Takes one out; null when there is none.</summary>
    internal ProxyStream? Take()
    {
        var stream = _first;
        if (stream is not null)
        {
            _first = stream.NextFree;
            Count--;
            _unused = Math.Min(_unused, Count);
            stream.NextFree = null;
        }

        return stream;
    }

    internal void Add(ProxyStream stream)
    {
        if (Count >= MaxFree)
        {
            return;
        }

        stream.NextFree = _first;
        _first = stream;
        Count++;
        if (Count > MinFree && !IsArmed)
        {
            loop.Arm(this, unusedTime);
        }
    }

    /// <summary>Forgets them: they belong to a configuration that no stream begins with any more.</summary>
    internal void Clear()
    {
        _first = null;
        Count = _unused = 0;
    }

    /// <inheritdoc/>
    protected override void OnTimer()
    {
        // The least that there were since the last look were there for nothing.
        for (int surplus = Math.Min(_unused, Count - MinFree); surplus > 0; surplus--)
        {
            _ = Take();
        }

        _unused = Count;
        if (Count > MinFree)
        {
            loop.Arm(this, unusedTime);
        }
    }
}
