using System.Runtime.InteropServices;
using Outrider.Envoy.Logging;
using Outrider.Envoy.Streams;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Configuration;

/// <summary>
/// One filter's configuration, as Envoy loaded it: makes the filters of its streams. Envoy destroys it when a newer one is in
/// force and its last stream has ended; a filter that then still waits for something keeps it until it has let go.
/// </summary>
internal sealed class ModuleConfiguration
{
    private readonly GCHandle _handle;
    private WorkerPool?[] _pools = new WorkerPool[8];
    private readonly Lock _growing = new();

    // Streams whose filters live, and one for Envoy itself.
    private long _users = 1;

    internal ModuleConfiguration(string name, IStreamFilterFactory factory)
    {
        Name = name;
        Factory = factory;
        _handle = GCHandle.Alloc(this);
    }

    /// <summary>The name that the configuration asked for the filter by.</summary>
    internal string Name { get; }

    internal IStreamFilterFactory Factory { get; }

    /// <summary>What Envoy knows this object by.</summary>
    internal nint Handle => GCHandle.ToIntPtr(_handle);

    /// <summary>Does the host leave out what follows a response's head, its end with it?</summary>
    internal bool IsResponseEndUnseen { get; private set; }

    /// <summary>A host asks what it has to call this configuration's filters for, and calls them for no more.</summary>
    internal FilterNeeds TellNeeds()
    {
        var needs = FilterNeeds.None;
        if ((Factory.Methods & (StreamFilterMethods.EncodeData | StreamFilterMethods.EncodeTrailers)) != 0)
        {
            needs = FilterNeeds.Response | FilterNeeds.ResponseBody;
        }
        else if ((Factory.Methods & StreamFilterMethods.EncodeHeaders) != 0)
        {
            needs = FilterNeeds.Response;
        }

        IsResponseEndUnseen = (needs & FilterNeeds.ResponseBody) == 0;
        return needs;
    }

    internal static ModuleConfiguration FromHandle(nint handle) => (ModuleConfiguration)GCHandle.FromIntPtr(handle).Target!;

    /// <summary>A stream begins on this thread.</summary>
    internal EnvoyStream BeginStream(nint pointer)
    {
        Interlocked.Increment(ref _users);
        int worker = WorkerThread.Number;
        var pool = PoolOf(worker);
        var stream = pool.Take() ?? new EnvoyStream(this);
        stream.Begin(pointer, ((long)worker << 48) | ++pool.StreamsBegun);
        return stream;
    }

    /// <summary>A stream's filter has ended its life.</summary>
    /// <param name="stream">The stream, if it can serve another; then this is its worker.</param>
    internal void OnStreamEnded(EnvoyStream? stream)
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
        if (Interlocked.Decrement(ref _users) != 0)
        {
            return;
        }

        foreach (var pool in _pools)
        {
            pool?.Clear();
        }

        try
        {
            (Factory as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            ModuleLog.Error($"filter '{Name}', when its configuration was disposed: {e}");
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
