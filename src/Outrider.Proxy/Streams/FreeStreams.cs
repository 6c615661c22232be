namespace Outrider.Proxy.Streams;

/// <summary>Streams of one listener on one loop that have ended, and wait to be used again. The one that ended last goes first: it is still in the cache.</summary>
internal sealed class FreeStreams
{
    // Streams that rest with their buffers, about 8 KiB each; a burst's surplus goes to the garbage collector.
    private const int MaxFree = 1024;

    private ProxyStream? _first;
    private int _count;

    /// <summary>Takes one out; null when there is none.</summary>
    internal ProxyStream? Take()
    {
        var stream = _first;
        if (stream is not null)
        {
            _first = stream.NextFree;
            _count--;
            stream.NextFree = null;
        }

        return stream;
    }

    internal void Add(ProxyStream stream)
    {
        if (_count < MaxFree)
        {
            stream.NextFree = _first;
            _first = stream;
            _count++;
        }
    }

    /// <summary>Forgets them: they belong to a configuration that no stream begins with any more.</summary>
    internal void Clear()
    {
        _first = null;
        _count = 0;
    }
}
