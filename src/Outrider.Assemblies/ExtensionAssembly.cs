using System.Reflection;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>Loads a .NET assembly and registers what it brings: stream filters, metadata drivers, certificate providers, and extensions of other kinds.</summary>
public static class ExtensionAssembly
{
    /// <summary>Loads an assembly, with its dependencies beside it, and registers its extensions; all of them, or none.</summary>
    /// <param name="path">Full path of the <c>.dll</c>.</param>
    /// <param name="filters">Where its stream filters and metadata drivers go.</param>
    /// <param name="certificates">Where its certificate providers go.</param>
    /// <param name="examine">Whether to look for every class and method that it refers to as well, which takes time and memory: for who checks and does not run.</param>
    /// <param name="kinds">The other kinds of extensions that it may bring; null for none.</param>
    /// <param name="loading">Is told the full path of each file whose code is about to be loaded, the assembly's own and its dependencies', on any thread. An <see cref="IOException"/> of it refuses the file.</param>
    /// <returns>The names that were registered, filters first.</returns>
    /// <exception cref="IOException">It cannot be read or is no .NET assembly; the message names it.</exception>
    /// <exception cref="InvalidOperationException">An extension in it is not as its attribute wants it, or its name is taken.</exception>
    public static IReadOnlyList<string> Load(string path, StreamFilterRegistry filters, CertificateProviderRegistry certificates, bool examine = false, IReadOnlyList<ExtensionKind>? kinds = null, Action<string>? loading = null)
    {
        ArgumentNullException.ThrowIfNull(filters);
        ArgumentNullException.ThrowIfNull(certificates);
        kinds ??= [];
        return Use(Open(path, examine, kinds, loading), path, assembly => Register(assembly, new ExtensionPlaces(filters, certificates, kinds)));
    }

    /// <summary>Loads an assembly into a room of its own, and looks for what it refers to.</summary>
    /// <param name="path">Full path of the <c>.dll</c>.</param>
    /// <param name="examine">As for <see cref="Load"/>.</param>
    /// <param name="kinds">As for <see cref="Load"/>.</param>
    /// <param name="loading">As for <see cref="Load"/>.</param>
    /// <param name="read">As <see cref="ExtensionLoadContext"/> has it: not null where the assembly is to be unloaded some day.</param>
    /// <exception cref="IOException">It cannot be read, is no .NET assembly, or refers to what is not there; the message names it.</exception>
    internal static Assembly Open(string path, bool examine, IReadOnlyList<ExtensionKind> kinds, Action<string>? loading, Func<string, byte[]>? read = null)
    {
        Assembly assembly;
        ExtensionLoadContext context;
        try
        {
            loading?.Invoke(path);
            context = new ExtensionLoadContext(path, loading, Shared(kinds), read);
            assembly = context.LoadMain();
        }
        // What looks for its dependencies says InvalidOperationException of a file that is not there.
        catch (Exception e) when (e is BadImageFormatException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new IOException($"cannot load the extension {path}: {AssemblyMachine.WhyOther(path) ?? (e is BadImageFormatException ? "not a .NET assembly" : e.Message)}", e);
        }

        try
        {
            return Use(assembly, path, _ => Required(assembly, context, examine));
        }
        catch when (read is not null)
        {
            context.Unload();
            throw;
        }
    }

    /// <summary>Does something with an assembly's classes, and says which file it is where they refer to what is not there.</summary>
    /// <exception cref="IOException">They do.</exception>
    internal static T Use<T>(Assembly assembly, string path, Func<Assembly, T> use)
    {
        try
        {
            return use(assembly);
        }
        catch (Exception e) when (e is TypeLoadException or ReflectionTypeLoadException or MissingMemberException or IOException or BadImageFormatException)
        {
            throw new IOException($"cannot load the extension {path}: {e.Message}", e);
        }
    }

    // An interface out of a copy beside the extension would be another one than the proxy's.
    private static Dictionary<string, Assembly> Shared(IReadOnlyList<ExtensionKind> kinds)
        => kinds.SelectMany(kind => kind.Contracts).Append(typeof(StreamFilter).Assembly).DistinctBy(assembly => assembly.GetName().Name).ToDictionary(assembly => assembly.GetName().Name!, StringComparer.Ordinal);

    private static Assembly Required(Assembly assembly, ExtensionLoadContext context, bool examine)
    {
        var built = ExtensionReferences.RequireAssemblies(assembly, context.Resolver);
        // Of another version of the API something may be gone, which would be found out at some request.
        if (examine || (built is not null && built != ExtensionReferences.Api.Version))
        {
            ExtensionReferences.RequireMembers(assembly, built);
        }

        return assembly;
    }

    private static List<string> Register(Assembly assembly, ExtensionPlaces places)
    {
        var found = places.Find(assembly);
        foreach (var extension in found)
        {
            extension.Register();
        }

        return [.. found.Select(extension => extension.Name)];
    }
}
