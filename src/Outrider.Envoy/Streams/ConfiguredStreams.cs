using System.Diagnostics.CodeAnalysis;
using Outrider.Envoy.Configuration;
using Outrider.Envoy.Links;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>
/// The streams of one configuration, by one version of its filter's code. It goes when a newer one is in force and its last stream has ended; a
/// filter that then still waits for something keeps it until it has let go.
/// </summary>
internal sealed class ConfiguredStreams
{
    private readonly ModuleConfiguration _configuration;
    private readonly Lock _growing = new();
    private WorkerPool?[] _pools = new WorkerPool[8];

    internal ConfiguredStreams(ModuleConfiguration configuration)
    {
        _configuration = configuration;
        Roster = configuration.Version is null ? null : new StreamRoster();
    }

    /// <summary>The streams that it has made; null where no newer code can take its place.</summary>
    internal StreamRoster? Roster { get; }

    internal ModuleConfiguration Configuration => _configuration;

    /// <summary>A stream begins on this thread. False: they are over, and others have taken their place.</summary>
    /// <param name="pointer">Envoy's filter object.</param>
    /// <param name="cell">What Envoy holds of the stream already; null where it will be given the stream's own.</param>
    /// <param name="stream">The stream.</param>
    internal unsafe bool TryBegin(nint pointer, StreamCell* cell, [NotNullWhen(true)] out EnvoyStream? stream)
    {
        var pool = PoolOf(ThreadMark.Current);
        if (!pool.TryRetain())
        {
            stream = null;
            return false;
        }

        stream = pool.Take() ?? new EnvoyStream(this, pool);
        stream.Begin(pointer, cell);
        return true;
    }

    /// <summary>A stream of that worker is to end on another thread, maybe: it uses the configuration by itself from now on, until <see cref="Release()"/>.</summary>
    internal void Part(WorkerPool pool)
    {
        // There is at least this one user.
        _ = _configuration.TryRetain();
        Release(pool);
    }

    /// <summary>The filter of a stream of that worker has ended its life there.</summary>
    internal void Release(WorkerPool pool)
    {
        if (pool.Release())
        {
            Release();
        }
    }

    /// <summary>No stream begins any more, or the filter of one that uses the configuration by itself has ended its life.</summary>
    internal void Release()
    {
        if (_configuration.Release())
        {
            Clear();
        }
    }

    private void Clear()
    {
        foreach (var pool in _pools)
        {
            pool?.Clear();
        }
    }

    private WorkerPool PoolOf(int worker)
    {
        var pools = Volatile.Read(ref _pools);
        return worker < pools.Length && pools[worker] is { } pool ? pool : AddPool(worker);
    }

    private WorkerPool AddPool(int worker)
    {
        lock (_growing)
        {
            var pools = _pools;
            if (worker >= pools.Length)
            {
                Array.Resize(ref pools, Math.Max(worker + 1, pools.Length * 2));
            }

            var pool = pools[worker] ??= new WorkerPool(_configuration, worker);
            Volatile.Write(ref _pools, pools);
            return pool;
        }
    }
}
