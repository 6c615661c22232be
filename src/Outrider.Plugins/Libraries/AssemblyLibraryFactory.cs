using Outrider.Assemblies.Swapping;
using Outrider.Filters;
using Outrider.Proxy.FilterChains;

namespace Outrider.Plugins.Libraries;

/// <summary>Makes the filters of one entry whose filter is in an assembly, by one version of it.</summary>
internal sealed class AssemblyLibraryFactory : IRouteConfigurableFactory, IDisposable
{
    private readonly ExtensionVersion _version;
    private readonly string _filter;
    private readonly IStreamFilterFactory _factory;

    private AssemblyLibraryFactory(ExtensionVersion version, string filter, IStreamFilterFactory factory)
    {
        _version = version;
        _filter = filter;
        _factory = factory;
        _version.Retain();
    }

    public ReceiverPhase Phase => _factory.Phase;

    public StreamFilterMethods Methods => _factory.Methods;

    /// <summary>The filter's name in the assembly: the type is <c>library</c> for all of them.</summary>
    public string RouteConfigurationName => _filter;

    public StreamFilter CreateFilter() => _factory.CreateFilter();

    public object ReadRouteConfiguration(FilterConfiguration configuration) => _version.Filters.FindRouteReader(_filter) is { } read
        ? read(Own(configuration, _filter))
        : throw new FilterConfigurationException($"the filter '{_filter}' takes no configuration of a route");

    public void Dispose()
    {
        try
        {
            (_factory as IDisposable)?.Dispose();
        }
        finally
        {
            _version.Release();
        }
    }

    /// <summary>Makes one.</summary>
    /// <exception cref="FilterConfigurationException">The file, the filter's name or its configuration is wrong.</exception>
    internal static AssemblyLibraryFactory Create(AssemblyLibraries libraries, LibraryEntry entry, FilterConfiguration configuration)
    {
        ExtensionVersion version;
        try
        {
            version = libraries.Use(entry.Path, entry.IsHot);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            throw FilterConfigurationException.OfEntry(entry.PathKey, e.Message);
        }

        string filter = Choose(version, entry);
        var factory = version.Filters.Find(filter)!(Own(configuration, filter));
        libraries.CarryState(entry.Path, filter, factory);
        return new AssemblyLibraryFactory(version, filter, factory);
    }

    private static string Choose(ExtensionVersion version, LibraryEntry entry)
    {
        var names = version.Filters.Names;
        if (entry.Filter is { Length: > 0 } wanted && version.Filters.Find(wanted) is not null)
        {
            return wanted;
        }

        if ((entry.IsFilterAHint || string.IsNullOrEmpty(entry.Filter)) && names is [var only])
        {
            return only;
        }

        throw FilterConfigurationException.OfEntry(
            entry.FilterKey,
            names.Count == 0 ? $"{entry.Path} has no stream filter: wanted a public class with [StreamFilter(\"name\")]"
            : $"{(string.IsNullOrEmpty(entry.Filter) ? "wanted the name of one of the assembly's filters" : $"{entry.Path} has no stream filter '{entry.Filter}'")}; there are: {string.Join(", ", names)}");
    }

    private static FilterConfiguration Own(FilterConfiguration given, string filter)
        => new(filter, given.Json, given.BaseDirectory) { Plugins = given.Plugins, Metrics = given.Metrics };
}
