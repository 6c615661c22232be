using System.Reflection;
using System.Runtime.Loader;

namespace Outrider.Assemblies;

/// <summary>An extension's own room: its dependencies come from beside it, so two extensions may use two versions of one library. What its kinds are defined in is shared, the extension API above all.</summary>
/// <param name="path">The extension's file.</param>
/// <param name="loading">Is told of each file that is about to be loaded.</param>
/// <param name="shared">What is shared with the proxy, by the assemblies' names.</param>
internal sealed class ExtensionLoadContext(string path, Action<string>? loading, IReadOnlyDictionary<string, Assembly> shared) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
{
    private readonly AssemblyDependencyResolver _resolver = new(path);

    /// <summary>Finds the files of what the extension refers to.</summary>
    internal AssemblyDependencyResolver Resolver => _resolver;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name is { } name && shared.TryGetValue(name, out var known))
        {
            return known;
        }

        if (_resolver.ResolveAssemblyToPath(assemblyName) is not { } found)
        {
            return null;
        }

        loading?.Invoke(found);
        return LoadFromAssemblyPath(found);
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
        => _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } found ? LoadUnmanagedDllFromPath(found) : 0;
}
