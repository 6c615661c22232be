using Outrider.Assemblies.Swapping;
using Outrider.Filters;
using Outrider.Proxy.FilterChains;

namespace Outrider.Plugins.Libraries;

/// <summary>Makes the filters of one entry whose filter is in an assembly, by one version of it.</summary>
internal sealed class AssemblyLibraryFactory : LibraryFactory, IRouteConfigurableFactory
{
    private readonly AssemblyLibraries _libraries;

    private AssemblyLibraryFactory(AssemblyLibraries libraries, ExtensionVersion version, string filter, IStreamFilterFactory factory)
        : base(version, filter, factory) => _libraries = libraries;

    /// <summary>The filter's name in the assembly: the type is <c>library</c> for all of them.</summary>
    public string RouteConfigurationName => Filter;

    public object ReadRouteConfiguration(FilterConfiguration configuration) => Version.Filters.FindRouteReader(Filter) is { } read
        ? read(Own(configuration, Filter))
        : throw new FilterConfigurationException($"the filter '{Filter}' takes no configuration of a route");

    public override bool CanBeKept(FilterConfiguration configuration)
    {
        var entry = LibraryEntry.Of(configuration);
        if (entry.TrustedOnly)
        {
            FileTrust.Require(entry.Path);
        }

        // Whoever names the file says so with each load, or it is taken for one that nobody names any more.
        return _libraries.Use(entry.Path, entry.IsHot, entry.OldVersions) == Version && (Inner as IKeepable)?.CanBeKept(Own(configuration, Filter)) != false;
    }

    /// <summary>Makes one.</summary>
    /// <exception cref="FilterConfigurationException">The file, the filter's name or its configuration is wrong.</exception>
    internal static AssemblyLibraryFactory Create(AssemblyLibraries libraries, LibraryEntry entry, FilterConfiguration configuration)
    {
        ExtensionVersion version;
        string filter;
        string place = entry.PathKey;
        try
        {
            version = libraries.Use(entry.Path, entry.IsHot, entry.OldVersions);
            place = entry.FilterKey;
            filter = Choose(version, entry.Filter, entry.IsFilterAHint);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            throw FilterConfigurationException.OfEntry(place, e.Message);
        }

        return new AssemblyLibraryFactory(libraries, version, filter, version.Filters.Find(filter)!(Own(configuration, filter)));
    }

    private static FilterConfiguration Own(FilterConfiguration given, string filter)
        => new(filter, given.Json, given.BaseDirectory) { Plugins = given.Plugins, Metrics = given.Metrics, Uses = given.Uses };
}
