using System.Reflection;
using System.Runtime.Loader;
using Outrider.Filters;

namespace Outrider.Assemblies.Swapping;

/// <summary>One version of an extension's file, loaded from a copy into a room that goes when nothing uses it any more. Any thread.</summary>
public sealed class ExtensionVersion
{
    private readonly VersionFiles _files;
    private readonly Assembly _assembly;
    private readonly List<IDisposable> _owned = [];
    private int _users;
    private bool _isRetired;

    private ExtensionVersion(string path, int number, VersionFiles files, Assembly assembly, StreamFilterRegistry filters)
    {
        Path = path;
        Number = number;
        Filters = filters;
        _files = files;
        _assembly = assembly;
    }

    /// <summary>Full path of the file.</summary>
    public string Path { get; }

    /// <summary>1 for the first version that this process has had of the file.</summary>
    public int Number { get; }

    /// <summary>Its filters and metadata drivers.</summary>
    public StreamFilterRegistry Filters { get; }

    /// <summary>When it was loaded (UTC).</summary>
    public DateTime LoadedAt { get; } = DateTime.UtcNow;

    /// <summary>The version that its author gave it.</summary>
    public string AssemblyVersion => _assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? _assembly.GetName().Version?.ToString() ?? "";

    /// <summary>How many configurations use it.</summary>
    internal int Users => Volatile.Read(ref _users);

    /// <summary>What it was loaded from.</summary>
    internal VersionFiles Files => _files;

    /// <summary>Loads a file.</summary>
    /// <param name="path">Full path of the <c>.dll</c>.</param>
    /// <param name="number">Which version of it this is, from 1.</param>
    /// <param name="examine">As for <see cref="ExtensionAssembly.Load"/>.</param>
    /// <param name="kinds">As for <see cref="ExtensionAssembly.Load"/>.</param>
    /// <exception cref="IOException">It cannot be read, is no .NET assembly, or refers to what is not there.</exception>
    /// <exception cref="InvalidOperationException">An extension in it is not as its attribute wants it.</exception>
    internal static ExtensionVersion Load(string path, int number, bool examine, IReadOnlyList<ExtensionKind> kinds)
    {
        var files = new VersionFiles(path);
        var assembly = ExtensionAssembly.Open(path, examine, kinds, null, files.Read);
        try
        {
            var filters = new StreamFilterRegistry();
            _ = ExtensionAssembly.Use(assembly, path, found =>
            {
                foreach (var part in AssemblyParts.Find(found, filters))
                {
                    part.Register();
                }

                return AssemblyFilters.Register(found, filters);
            });
            return new ExtensionVersion(path, number, files, assembly, filters);
        }
        catch
        {
            AssemblyLoadContext.GetLoadContext(assembly)!.Unload();
            throw;
        }
    }

    /// <summary>What the configuration of one of its filters has: a line for each property, with its type and default.</summary>
    public IEnumerable<string> Describe(string filter)
    {
        var type = _assembly.GetExportedTypes().FirstOrDefault(type => type.GetCustomAttribute<StreamFilterAttribute>()?.Name == filter);
        var configuration = type?.GetConstructors().FirstOrDefault()?.GetParameters() is [var parameter] ? parameter.ParameterType : null;
        return configuration is null ? []
            : configuration == typeof(FilterConfiguration) ? ["(it reads its configuration itself)"]
            : ExtensionSchema.Describe(configuration, type!.GetCustomAttribute<StreamFilterAttribute>()!.JsonContext);
    }

    /// <summary>All that it brings, by kind (<c>load balancer</c>) and name.</summary>
    /// <exception cref="IOException">It refers to what is not there.</exception>
    /// <exception cref="InvalidOperationException">An extension in it is not as its attribute wants it, or its name is taken.</exception>
    public IEnumerable<(string Kind, string Name)> Describe(ExtensionPlaces places)
        => Find(places, static found => found.Creator).Select(static extension => (extension.Kind, extension.Name)).Order();

    /// <summary>All that it brings, for a program to register.</summary>
    /// <exception cref="IOException">It refers to what is not there.</exception>
    /// <exception cref="InvalidOperationException">An extension in it is not as its attribute wants it, or its name is taken.</exception>
    internal IReadOnlyList<FoundExtension> Find(ExtensionPlaces places, Func<FoundFilter, StreamFilterCreator> make)
        => ExtensionAssembly.Use(_assembly, Path, assembly => places.Find(assembly, make));

    /// <summary>One configuration more uses it.</summary>
    public void Retain() => Interlocked.Increment(ref _users);

    /// <summary>One configuration less. With the last one of a version that is not in force any more goes what it owns.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            DisposeOwned();
        }
    }

    /// <summary>What is of this version and in no configuration of its own is to be disposed when the version has lost its last use.</summary>
    public void Own(IDisposable owned)
    {
        lock (_owned)
        {
            _owned.Add(owned);
        }
    }

    /// <summary>The caller disposes it.</summary>
    /// <returns>False where that was done already.</returns>
    public bool Disown(IDisposable owned)
    {
        lock (_owned)
        {
            return _owned.Remove(owned);
        }
    }

    /// <summary>Compiles its code before the first stream needs it.</summary>
    internal void Prepare() => CompiledAhead.Compile(_assembly);

    /// <summary>No configuration begins with it any more: it goes when the last that uses it has gone.</summary>
    /// <returns>By which one can see whether it is gone.</returns>
    internal RetiredVersion Retire()
    {
        var context = AssemblyLoadContext.GetLoadContext(_assembly)!;
        context.Unload();
        lock (_owned)
        {
            _isRetired = true;
        }

        if (Users == 0)
        {
            DisposeOwned();
        }

        return new RetiredVersion(this, context);
    }

    private void DisposeOwned()
    {
        IDisposable[] owned;
        lock (_owned)
        {
            if (!_isRetired)
            {
                return;
            }

            owned = [.. _owned];
            _owned.Clear();
        }

        foreach (var one in owned)
        {
            one.Dispose();
        }
    }
}
