using System.Reflection;
using System.Runtime.Loader;

namespace Outrider.Assemblies;

/// <summary>An extension's own room: its dependencies come from beside it, so two extensions may use two versions of one library. What its kinds are defined in is shared, the extension API above all.</summary>
/// <param name="path">The extension's file.</param>
/// <param name="loading">Is told of each file that is about to be loaded.</param>
/// <param name="shared">What is shared with the proxy, by the assemblies' names.</param>
/// <param name="read">
/// Reads a file whole, for an extension that can be unloaded: it runs on copies in memory, so that its files may be replaced meanwhile.
/// Null: the files themselves are mapped, and stay loaded.
/// </param>
internal sealed class ExtensionLoadContext(string path, Action<string>? loading, IReadOnlyDictionary<string, Assembly> shared, Func<string, byte[]>? read = null)
    : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path), isCollectible: read is not null)
{
    private readonly AssemblyDependencyResolver _resolver = new(path);

    /// <summary>Finds the files of what the extension refers to.</summary>
    internal AssemblyDependencyResolver Resolver => _resolver;

    /// <summary>Loads the extension itself.</summary>
    internal Assembly LoadMain() => LoadFile(path);

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
        return LoadFile(found);
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        if (_resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is not { } found)
        {
            return 0;
        }

        return read is null ? LoadUnmanagedDllFromPath(found) : LoadCopy(read(found));
    }

    private Assembly LoadFile(string file)
    {
        if (read is null)
        {
            return LoadFromAssemblyPath(file);
        }

        using var code = new MemoryStream(read(file));
        // For the lines in the text of an exception.
        string symbols = Path.ChangeExtension(file, ".pdb");
        using var debug = File.Exists(symbols) ? new MemoryStream(read(symbols)) : null;
        return LoadFromStream(code, debug);
    }

    // The system maps a native library: one that is written over while it is mapped ends the process.
    private nint LoadCopy(byte[] library)
    {
        string copy = Path.Combine(Path.GetTempPath(), $"outrider-{Guid.NewGuid():N}.so");
        try
        {
            using (var file = new FileStream(copy, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(library);
            }

            return LoadUnmanagedDllFromPath(copy);
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
