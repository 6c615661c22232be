using System.Diagnostics.CodeAnalysis;
using Outrider.Envoy.Configuration;

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
    internal bool TryBegin(nint pointer, [NotNullWhen(true)] out EnvoyStream? stream)
    {
        if (!_configuration.TryRetain())
        {
            stream = null;
            return false;
        }

        var pool = PoolOf(WorkerThread.Number);
        stream = pool.Take() ?? new EnvoyStream(this, pool);
        stream.Begin(pointer);
        return true;
    }

    /// <summary>No stream begins any more, or the filter of one has ended its life.</summary>
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

            var pool = pools[worker] ??= new WorkerPool(worker);
            Volatile.Write(ref _pools, pools);
            return pool;
        }
    }
}
