using System.Runtime.InteropServices;
using Outrider.Envoy.Logging;

namespace Outrider.Envoy.Configuration;

/// <summary>What a route configures of its own for the filter. Envoy destroys it with the route, which no stream uses any more then.</summary>
internal class RouteConfiguration
{
    private readonly GCHandle _handle;
    private readonly string _name;

    private readonly object? _value;

    internal RouteConfiguration(string name, object? value)
    {
        _name = name;
        _value = value;
        _handle = GCHandle.Alloc(this);
    }

    /// <summary>As a filter of that version (<see cref="ModuleConfiguration.Version"/>) reads it. Any thread.</summary>
    internal virtual object? ValueFor(object? version) => _value;

    internal nint Handle => GCHandle.ToIntPtr(_handle);

    internal static RouteConfiguration FromHandle(nint handle) => (RouteConfiguration)GCHandle.FromIntPtr(handle).Target!;

    internal void OnDestroyed()
    {
        _handle.Free();
        try
        {
            Dispose();
        }
        catch (Exception e)
        {
            ModuleLog.Error($"filter '{_name}', when a route's configuration was disposed: {e}");
        }
    }

    /// <summary>No stream will ask for it.</summary>
    protected virtual void Dispose() => (_value as IDisposable)?.Dispose();
}
