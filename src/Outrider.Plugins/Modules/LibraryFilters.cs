using Outrider.Filters;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Libraries;
using Outrider.Plugins.Modules.Linking;

namespace Outrider.Plugins.Modules;

/// <summary>
/// Filters of shared libraries that speak Envoy's dynamic-module ABI (docs/modules.md), and what the process has to know of such libraries.
/// </summary>
public static class LibraryFilters
{
    /// <summary>Is this process one that only checks configurations? Modules ask, so that they leave out what costs time. Default: false.</summary>
    public static bool OnlyChecks
    {
        get => ModuleLibrary.OnlyChecks;
        set => ModuleLibrary.OnlyChecks = value;
    }

    /// <summary>Makes what makes the filters of one entry.</summary>
    /// <param name="path">Full path of the library.</param>
    /// <param name="pathKey">Where the path stands in the entry, for errors.</param>
    /// <param name="filter">Which of its filters.</param>
    /// <param name="limits">What it may take.</param>
    /// <param name="config">The filter's own configuration.</param>
    /// <param name="requireTrust">Throws when the file is not to be trusted, for each load that keeps it; null for nothing.</param>
    /// <exception cref="FilterConfigurationException">The library cannot be loaded, or refuses.</exception>
    internal static IStreamFilterFactory Create(string path, string pathKey, string filter, ModuleLimits limits, byte[] config, Action<string>? requireTrust = null)
    {
        ModuleLibrary module;
        try
        {
            module = ModuleLibrary.Load(path, limits.Timeout);
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            throw FilterConfigurationException.OfEntry(pathKey, e.Message);
        }

        return new ModuleFilterFactory(ModuleConfiguration.Create(module, filter, limits, config), path, requireTrust);
    }

    /// <summary>Waits, before the process ends, until every module knows of the end of its configurations; at most two seconds for each.</summary>
    public static void Complete() => ModuleLibrary.Complete(TimeSpan.FromSeconds(2));

    /// <summary>
    /// Does a constructor of a library, which has not returned in time, hold the C library's loader? Then whoever needs the loader waits for ever, and the
    /// process ends only by <see cref="EndWhereLoaderIsHeld"/>.
    /// </summary>
    public static bool LoaderIsHeld => ModuleLibrary.LoaderIsHeld;

    /// <summary>Does the process serve, so that it goes on without a library that does not load? Otherwise it ends soon after. Default: false.</summary>
    public static bool Serves
    {
        get => ModuleLibrary.Serves;
        set => ModuleLibrary.Serves = value;
    }

    /// <summary>
    /// Ends the process at once where <see cref="LoaderIsHeld"/>, for an ordinary end would wait for ever. Otherwise it returns.
    /// </summary>
    /// <param name="exitCode">What the process ends with.</param>
    /// <param name="words">Written to stderr before; may be empty.</param>
    public static void EndWhereLoaderIsHeld(int exitCode, string words = "")
    {
        if (LoaderIsHeld)
        {
            HeldLoader.End(exitCode, words);
        }
    }
}
