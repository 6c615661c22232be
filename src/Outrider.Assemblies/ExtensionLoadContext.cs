using System.Reflection;
using System.Runtime.Loader;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>An extension's own room: its dependencies come from beside it, so two extensions may use two versions of one library. The extension API alone is shared.</summary>
internal sealed class ExtensionLoadContext(string path, Action<string>? loading) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
{
    private readonly AssemblyDependencyResolver _resolver = new(path);

    /// <summary>Finds the files of what the extension refers to.</summary>
    internal AssemblyDependencyResolver Resolver => _resolver;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == typeof(StreamFilter).Assembly.GetName().Name)
        {
            return typeof(StreamFilter).Assembly;
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
