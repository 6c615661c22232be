using System.ComponentModel;
using System.Runtime.InteropServices;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Logging;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy;

/// <summary>The module that this library has become part of. Generated code starts it; nothing here is for filters.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class EnvoyModule
{
    /// <summary>Where its filters come from.</summary>
    internal static FilterSource Filters { get; private set; } = new LinkedFilters();

    /// <summary>Called once, when Envoy has loaded the library: registers the filters and pins the library.</summary>
    /// <param name="register">Registers the module's filters.</param>
    /// <returns>A C string, the version of the ABI that the module speaks; 0 when it cannot start, and Envoy refuses it.</returns>
    public static nint Start(Action<StreamFilterRegistry> register)
    {
        ArgumentNullException.ThrowIfNull(register);
        try
        {
            LibraryPin.Pin();
            var filters = new LinkedFilters();
            register(filters.Registry);
            return Start(filters);
        }
        catch (Exception e)
        {
            ModuleLog.Error($"the module cannot start: {e}");
            return 0;
        }
    }

    /// <summary>As <see cref="Start(Action{StreamFilterRegistry})"/>, with filters of another kind; whoever loaded the code keeps it.</summary>
    internal static nint Start(FilterSource filters)
    {
        Filters = filters;
        return VersionPointer();
    }

    // The strings lie in the library's read-only data, which does not move. Envoy 1.40 warns of the older one.
    private static unsafe nint VersionPointer()
    {
        bool isNew = Callback.TryFind("http_has_filter_state", out _);
        return (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(isNew ? AbiVersion.V02 : AbiVersion.V01));
    }
}
