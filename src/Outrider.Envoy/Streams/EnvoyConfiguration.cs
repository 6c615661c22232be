using System.Runtime.InteropServices;
using Outrider.Envoy.Configuration;
using Outrider.Envoy.Links;

namespace Outrider.Envoy.Streams;

/// <summary>What Envoy holds of a configuration of a filter: streams begin with what it is made of now, which may be replaced while Envoy runs.</summary>
internal sealed class EnvoyConfiguration
{
    private readonly GCHandle _handle;
    private readonly VersionStreams? _versions;
    private volatile ConfiguredStreams _current;

    /// <param name="configuration">What it is made of at first.</param>
    /// <param name="versions">Told of the streams of each version; null where the code cannot be replaced.</param>
    internal EnvoyConfiguration(ModuleConfiguration configuration, VersionStreams? versions = null)
    {
        _versions = versions;
        _current = Make(configuration);
        _handle = GCHandle.Alloc(this);
    }

    /// <summary>What Envoy knows this object by.</summary>
    internal nint Handle => GCHandle.ToIntPtr(_handle);

    /// <summary>What new streams begin with.</summary>
    internal ModuleConfiguration Current => _current.Configuration;

    /// <summary>Called when Envoy has let go of it, on Envoy's thread; null for nobody.</summary>
    internal Action? Destroyed { get; init; }

    internal static EnvoyConfiguration FromHandle(nint handle) => (EnvoyConfiguration)GCHandle.FromIntPtr(handle).Target!;

    /// <summary>A stream begins on this thread.</summary>
    /// <param name="pointer">Envoy's filter object.</param>
    /// <param name="cell">What Envoy holds of the stream already; null where it will be given the stream's own.</param>
    internal unsafe EnvoyStream Begin(nint pointer, StreamCell* cell)
    {
        while (true)
        {
            if (_current.TryBegin(pointer, cell, out var stream))
            {
                return stream;
            }
        }
    }

    /// <summary>New streams begin with another. Any thread, one at a time, and not after the end.</summary>
    internal void Replace(ModuleConfiguration next)
    {
        var before = _current;
        _current = Make(next);
        before.Release();
    }

    /// <summary>Envoy has let go of it.</summary>
    internal void OnDestroyed()
    {
        _handle.Free();
        Destroyed?.Invoke();
        _current.Release();
    }

    private ConfiguredStreams Make(ModuleConfiguration configuration)
    {
        var made = new ConfiguredStreams(configuration);
        if (made.Roster is { } roster)
        {
            _versions?.Add(configuration.Version!, roster);
        }

        return made;
    }
}
