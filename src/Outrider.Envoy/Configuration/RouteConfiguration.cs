using System.Runtime.InteropServices;
using Outrider.Envoy.Logging;

namespace Outrider.Envoy.Configuration;

/// <summary>What a route configures of its own for the filter. Envoy destroys it with the route, which no stream uses any more then.</summary>
internal sealed class RouteConfiguration
{
    private readonly GCHandle _handle;
    private readonly string _name;

    internal RouteConfiguration(string name, object value)
    {
        _name = name;
        Value = value;
        _handle = GCHandle.Alloc(this);
    }

    internal object Value { get; }

    internal nint Handle => GCHandle.ToIntPtr(_handle);

    internal static RouteConfiguration FromHandle(nint handle) => (RouteConfiguration)GCHandle.FromIntPtr(handle).Target!;

    internal void OnDestroyed()
    {
        _handle.Free();
        try
        {
            (Value as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            ModuleLog.Error($"filter '{_name}', when a route's configuration was disposed: {e}");
        }
    }
}
