using System.Text;
using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Libraries;
using Outrider.Plugins.Modules.Logging;

namespace Outrider.Plugins.Modules.Configurations;

/// <summary>
/// What a route configures of its own for a module's filter: the module's pointer to it, from <c>per_route_config_new</c> to
/// <c>per_route_config_destroy</c>, which follows it exactly once, after the last stream that could ask for it. Any thread.
/// </summary>
internal sealed unsafe class ModuleRouteConfiguration : IDisposable
{
    private readonly ModuleLibrary _library;
    private readonly TimeSpan _timeout;
    private bool _disposed;

    private ModuleRouteConfiguration(ModuleLibrary library, TimeSpan timeout, nint native)
    {
        _library = library;
        _timeout = timeout;
        Native = native;
    }

    /// <summary>The module's own pointer.</summary>
    internal nint Native { get; }

    /// <summary>Asks the module to take a route's configuration.</summary>
    /// <exception cref="FilterConfigurationException">It takes none, does not return in time, or refuses this one; the message has what it logged.</exception>
    internal static ModuleRouteConfiguration Create(ModuleLibrary library, string filterName, TimeSpan timeout, ReadOnlySpan<byte> config)
    {
        if (library.Hooks.RouteConfigNew is null)
        {
            throw new FilterConfigurationException("$", $"the module {library.Path} takes no configuration of a route");
        }

        byte[] bytes = config.ToArray();
        nint native = 0;
        string said = "";
        try
        {
            library.Calls.RunFirst(() => native = Begin(library, filterName, bytes, out said), HookNames.RouteConfigNew, timeout, () => Destroy(library, native));
        }
        catch (TimeoutException e)
        {
            throw new FilterConfigurationException("$", $"{e.Message} (library.timeout)", e);
        }

        return native != 0
            ? new ModuleRouteConfiguration(library, timeout, native)
            : throw new FilterConfigurationException(
                "$", $"the module {library.Path} refused the configuration of a route for its filter '{filterName}'" + (said.Length > 0 ? ": " + said : ", and did not say why"));
    }

    public void Dispose() => _library.Calls.End(End, HookNames.RouteConfigDestroy, _timeout);

    private static nint Begin(ModuleLibrary library, string filterName, byte[] config, out string said)
    {
        byte[] name = Encoding.UTF8.GetBytes(filterName);
        using var words = ModuleLog.Listen();
        nint native;
        fixed (byte* nameBytes = name, configBytes = config)
        {
            native = library.Hooks.RouteConfigNew(
                new EnvoyBuffer { Data = nameBytes, Length = (nuint)name.Length },
                new EnvoyBuffer { Data = configBytes, Length = (nuint)config.Length });
        }

        said = words.Text;
        return native;
    }

    private void End()
    {
        if (!_disposed)
        {
            _disposed = true;
            Destroy(_library, Native);
        }
    }

    private static void Destroy(ModuleLibrary library, nint native)
    {
        if (native != 0 && library.Hooks.RouteConfigDestroy is not null)
        {
            library.Hooks.RouteConfigDestroy(native);
        }
    }
}
