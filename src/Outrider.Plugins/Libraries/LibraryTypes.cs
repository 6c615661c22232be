using Outrider.Assemblies.Swapping;
using Outrider.Filters;
using Outrider.Plugins.Modules;

namespace Outrider.Plugins.Libraries;

/// <summary>
/// The stream filters that name a file with the code of a filter: <c>library</c>, and <c>loadso</c> as MOSN spells it. A .NET assembly follows its file
/// (docs/extensions.md), a shared library that speaks Envoy's dynamic-module ABI stays (docs/modules.md); which it is, its own header tells.
/// </summary>
public static class LibraryTypes
{
    /// <summary>Ours: <c>{"type": "library", "library": {"path": "./MyFilters.dll", "filter": "demo"}, "config": …}</c>.</summary>
    public const string Library = "library";

    /// <summary>MOSN's: <c>{"type": "loadso", "go_plugin_config": {"so_path": "./simple_so.so", "factory_method": "CreateFilterFactory"}, "config": …}</c>.</summary>
    public const string LoadSo = LibraryEntry.MosnType;

    /// <summary>Registers both.</summary>
    /// <param name="registry">Where to.</param>
    /// <param name="assemblies">Keeps the assemblies that they name.</param>
    /// <exception cref="ArgumentException">A name is taken.</exception>
    public static void Register(StreamFilterRegistry registry, AssemblyLibraries assemblies)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(assemblies);
        registry.Add(Library, configuration => Create(assemblies, LibraryEntry.Of(configuration), configuration));
        registry.Add(LoadSo, configuration => Create(assemblies, LibraryEntry.Of(configuration), configuration));
    }

    private static IStreamFilterFactory Create(AssemblyLibraries assemblies, LibraryEntry entry, FilterConfiguration configuration)
    {
        bool isAssembly;
        try
        {
            isAssembly = LibraryKind.IsAssembly(entry.Path);
            if (entry.TrustedOnly)
            {
                FileTrust.Require(entry.Path);
            }
        }
        catch (IOException e)
        {
            throw FilterConfigurationException.OfEntry(entry.PathKey, e.Message);
        }

        return isAssembly
            ? AssemblyLibraryFactory.Create(assemblies, entry, configuration)
            : LibraryFilters.Create(entry.Path, entry.PathKey, entry.Filter ?? "", entry.Limits, entry.ConfigBytes, entry.TrustedOnly ? FileTrust.Require : null);
    }
}
