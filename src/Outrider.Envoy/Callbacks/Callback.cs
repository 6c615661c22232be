using System.Runtime.InteropServices;

namespace Outrider.Envoy.Callbacks;

/// <summary>
/// Finds Envoy's functions by name, among those that the program itself exports: when one is first used, so that a module
/// loads into an Envoy that lacks some of them.
/// </summary>
internal static class Callback
{
    private const string Prefix = "envoy_dynamic_module_callback_";

    /// <summary>The function's address.</summary>
    /// <param name="name">The name without what all of them begin with.</param>
    /// <exception cref="EnvoyVersionException">There is none of that name.</exception>
    internal static nint Find(string name) => TryFind(name, out nint address) ? address : throw new EnvoyVersionException(Prefix + name);

    internal static bool TryFind(string name, out nint address) => NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), Prefix + name, out address);
}
