using Outrider.Envoy.Configuration;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>
/// The streams of one configuration on one worker: how many live, and those that rest until the next request. All that live here count as one user of the
/// configuration, which other workers have no need to hear of. Only that worker touches it.
/// </summary>
/// <param name="configuration">The configuration.</param>
/// <param name="worker">The worker's number, which is this thread's.</param>
internal sealed class WorkerPool(ModuleConfiguration configuration, int worker)
{
    // More than this at once is a burst; its memory goes back to the collector.
    private const int Most = 1024;

    private EnvoyStream? _free;
    private int _living;
    private int _count;
    private long _lastId = (long)worker << 48;

    /// <summary>The worker (<see cref="ThreadMark"/>).</summary>
    internal int Worker => worker;

    /// <summary>A number for a stream that begins here, which no other stream of the module has.</summary>
    internal long NextId() => ++_lastId;

    /// <summary>A stream begins. False: nobody uses the configuration any more.</summary>
    internal bool TryRetain()
    {
        if (_living == 0 && !configuration.TryRetain())
        {
            return false;
        }

        _living++;
        return true;
    }

    /// <summary>A stream has ended, or may end on another thread and uses the configuration by itself from now on. True: the configuration has lost a user, of which its owner is to be told.</summary>
    internal bool Release() => --_living == 0;

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
