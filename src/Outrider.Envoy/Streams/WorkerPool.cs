namespace Outrider.Envoy.Streams;

/// <summary>Streams of one configuration that rest on one worker until the next request. Only that worker touches it.</summary>
internal sealed class WorkerPool
{
    // More than this at once is a burst; its memory goes back to the collector.
    private const int Most = 1024;

    private EnvoyStream? _free;
    private int _count;

    internal long StreamsBegun { get; set; }

    internal EnvoyStream? Take()
    {
        if (_free is not { } stream)
        {
            return null;
        }

        _free = stream.NextFree;
        stream.NextFree = null;
        _count--;
        return stream;
    }

    internal void Return(EnvoyStream stream)
    {
        if (_count >= Most)
        {
            stream.Dispose();
            return;
        }

        stream.NextFree = _free;
        _free = stream;
        _count++;
    }

    /// <summary>Lets go of all; no worker uses the configuration any more.</summary>
    internal void Clear()
    {
        while (Take() is { } stream)
        {
            stream.Dispose();
        }
    }
}
