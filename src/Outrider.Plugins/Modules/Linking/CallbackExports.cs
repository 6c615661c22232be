using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Outrider.Plugins.Modules.Linking;

/// <summary>
/// Gives the callbacks (every method with <see cref="UnmanagedCallersOnlyAttribute"/> in the assembly's static classes that names an entry point, under that
/// name) to the whole process, once, and with them those of other kinds of extensions (<see cref="OtherExtensions"/>).
/// The library that carries their names stays loaded until the process ends.
/// </summary>
internal static unsafe class CallbackExports
{
    private static readonly Lazy<FrozenNames> s_exports = new(Export);

    private sealed record FrozenNames(HashSet<string> Names);

    /// <summary>Makes sure that the callbacks can be found, and says which there are.</summary>
    /// <exception cref="IOException">The loader refuses the library that carries them.</exception>
    internal static IReadOnlySet<string> Ensure() => s_exports.Value.Names;

    [DynamicDependency(DynamicallyAccessedMemberTypes.NonPublicMethods, typeof(CallbackExports))]
    private static FrozenNames Export()
    {
        var callbacks = typeof(CallbackExports).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: true, IsSealed: true })
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (Method: method, Name: method.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()?.EntryPoint))
            .Where(callback => callback.Name is not null)
            .ToList();
        string[] names = [.. callbacks.Select(callback => callback.Name!)];
        var others = OtherExtensions.Names;
        string path = DynamicLinker.WriteNamelessFile("outrider-callbacks", CallbackLibrary.Write(names, others));
        nint library = DynamicLinker.Load(path, global: true);
        var slots = (nint*)DynamicLinker.Find(library, CallbackLibrary.SlotsSymbol);
        for (int i = 0; i < callbacks.Count; i++)
        {
            slots[i] = callbacks[i].Method.MethodHandle.GetFunctionPointer();
        }

        slots[callbacks.Count] = OtherExtensions.Answering;
        return new FrozenNames([.. names, .. others]);
    }
}
