using Outrider.Net.Loops;
using Outrider.Net.Timers;

namespace Outrider.Proxy.Streams;

/// <summary>
/// Streams of one listener on one loop that have ended, and wait to be used again. The one that ended last goes first: it is still in the
/// cache. Those that nobody has needed for a while go, so that a burst does not hold memory for good.
/// </summary>
/// <param name="loop">Whose streams they are.</param>
/// <param name="unusedTime">Those that were not needed for so many milliseconds go. Long: a steady load does not need the same number each second, and a stream made anew is 8 KiB of garbage.</param>
internal sealed class FreeStreams(EventLoop loop, int unusedTime = 30000) : LoopTimer
{
    // Streams that rest with their buffers, about 8 KiB each; a burst's surplus goes to the garbage collector.
    private const int MaxFree = 1024;

    // So few stay whatever happens.
    internal const int MinFree = 16;

    // A stack in an array, of structs: an array of references asks for the type of whatever is put into it.
    private Place[] _streams = new Place[MinFree];
    private int _unused;

    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Takes one out; null when there is none.</summary>
    internal ProxyStream? Take()
    {
        if (Count == 0)
        {
            return null;
        }

        ref var place = ref _streams[--Count];
        var stream = place.Stream;
        place.Stream = null;
        _unused = Math.Min(_unused, Count);
        return stream;
    }

    internal void Add(ProxyStream stream)
    {
        if (Count >= MaxFree)
        {
            return;
        }

        if (Count == _streams.Length)
        {
            Array.Resize(ref _streams, Count * 2);
        }

        _streams[Count++].Stream = stream;
        if (Count > MinFree && !IsArmed)
        {
            loop.Arm(this, unusedTime);
        }
    }

    /// <summary>Forgets them: they belong to a configuration that no stream begins with any more.</summary>
    internal void Clear()
    {
        _streams = new Place[MinFree];
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

    private struct Place
    {
        internal ProxyStream? Stream;
    }
}
