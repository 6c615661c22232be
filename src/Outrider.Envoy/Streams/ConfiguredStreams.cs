using System.Runtime.InteropServices;
using Outrider.Envoy.Configuration;

namespace Outrider.Envoy.Streams;

/// <summary>
/// The streams of one configuration: what Envoy holds of it. Envoy destroys it when a newer one is in force and its last stream has ended; a
/// filter that then still waits for something keeps it until it has let go.
/// </summary>
internal sealed class ConfiguredStreams
{
    private readonly GCHandle _handle;
    private readonly ModuleConfiguration _configuration;
    private readonly Lock _growing = new();
    private WorkerPool?[] _pools = new WorkerPool[8];

    internal ConfiguredStreams(ModuleConfiguration configuration)
    {
        _configuration = configuration;
        _handle = GCHandle.Alloc(this);
    }

    /// <summary>What Envoy knows this object by.</summary>
    internal nint Handle => GCHandle.ToIntPtr(_handle);

    internal ModuleConfiguration Configuration => _configuration;

    internal static ConfiguredStreams FromHandle(nint handle) => (ConfiguredStreams)GCHandle.FromIntPtr(handle).Target!;

    /// <summary>A stream begins on this thread.</summary>
    internal EnvoyStream Begin(nint pointer)
    {
        _configuration.Retain();
        int worker = WorkerThread.Number;
        var pool = PoolOf(worker);
        var stream = pool.Take() ?? new EnvoyStream(this);
        stream.Begin(pointer, ((long)worker << 48) | ++pool.StreamsBegun);
        return stream;
    }

    /// <summary>A stream's filter has ended its life.</summary>
    /// <param name="stream">The stream, if it can serve another; then this is its worker.</param>
    internal void OnEnded(EnvoyStream? stream)
    {
        if (stream is not null)
        {
            PoolOf(WorkerThread.Number).Return(stream);
        }

        Release();
    }

    /// <summary>Envoy has let go of the configuration.</summary>
    internal void OnDestroyed()
    {
        _handle.Free();
        Release();
    }

    private void Release()
    {
        if (!_configuration.Release())
        {
            return;
        }

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

            var pool = pools[worker] ??= new WorkerPool();
            Volatile.Write(ref _pools, pools);
            return pool;
        }
    }
}
