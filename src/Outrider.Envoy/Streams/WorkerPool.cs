namespace Outrider.Envoy.Streams;

/// <summary>Streams of one configuration that rest on one worker until the next request. Only that worker touches it.</summary>
internal sealed class WorkerPool(int worker)
{
    // More than this at once is a burst; its memory goes back to the collector.
    private const int Most = 1024;

    private EnvoyStream? _free;
    private int _count;
    private long _lastId = (long)worker << 48;

    /// <summary>What a thread's own code knows the worker by.</summary>
    internal int Thread { get; } = Environment.CurrentManagedThreadId;

    /// <summary>A number for a stream that begins here, which no other stream of the module has.</summary>
    internal long NextId() => ++_lastId;

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
