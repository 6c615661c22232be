using Outrider.Filters;

namespace Outrider.Assemblies.Swapping;

/// <summary>Makes filters by one version of an assembly, which is in use until this is disposed.</summary>
public class LibraryFactory : IStreamFilterFactory, IKeepable, IStateOwner, IDisposable
{
    private readonly IStreamFilterFactory _factory;

    /// <param name="version">The version.</param>
    /// <param name="filter">The name of one of its filters.</param>
    /// <param name="factory">Makes them; this owns it.</param>
    public LibraryFactory(ExtensionVersion version, string filter, IStreamFilterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(version);
        Version = version;
        Filter = filter;
        _factory = factory;
        version.Retain();
    }

    /// <summary>The version.</summary>
    public ExtensionVersion Version { get; }

    /// <summary>The filter's name in the assembly.</summary>
    public string Filter { get; }

    // Two files may have filters of one name.
    string IStateOwner.StateName => Version.Path + "\n" + Filter;

    ISwapState? IStateOwner.State => SwapStates.Of(_factory);

    /// <inheritdoc/>
    public ReceiverPhase Phase => _factory.Phase;

    /// <inheritdoc/>
    public StreamFilterMethods Methods => _factory.Methods;

    /// <inheritdoc/>
    public StreamFilter CreateFilter() => _factory.CreateFilter();

    /// <summary>Which filter of an assembly is meant.</summary>
    /// <param name="version">The assembly.</param>
    /// <param name="wanted">The name that a configuration gives; null or empty for none, which does where there is one filter.</param>
    /// <param name="isHint">Whether an assembly with one filter may have it under another name.</param>
    /// <exception cref="InvalidOperationException">It has no such filter; the message lists those that it has.</exception>
    public static string Choose(ExtensionVersion version, string? wanted, bool isHint = false)
    {
        ArgumentNullException.ThrowIfNull(version);
        var names = version.Filters.Names;
        bool isNamed = !string.IsNullOrEmpty(wanted);
        return isNamed && version.Filters.Find(wanted!) is not null ? wanted!
            : (isHint || !isNamed) && names is [var only] ? only
            : throw new InvalidOperationException(
                names.Count == 0 ? $"{version.Path} has no stream filter: wanted a public class with [StreamFilter(\"name\")]"
                : $"{(isNamed ? $"{version.Path} has no stream filter '{wanted}'" : "wanted the name of one of the assembly's filters")}; there are: {string.Join(", ", names)}");
    }

    /// <summary>As the factory of the assembly says.</summary>
    public virtual bool CanBeKept(FilterConfiguration configuration) => (_factory as IKeepable)?.CanBeKept(configuration) ?? true;

    /// <summary>What the assembly made.</summary>
    protected IStreamFilterFactory Inner => _factory;

    /// <summary>Disposes the configuration, and lets go of the version.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        try
        {
            (_factory as IDisposable)?.Dispose();
        }
        finally
        {
            Version.Release();
        }
    }
}
