using Outrider.Assemblies;
using Outrider.Assemblies.Swapping;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Plugins;
using Outrider.Plugins.Libraries;
using Outrider.Proxy.Listening;
using Outrider.StockFilters;

namespace Outrider.Running;

/// <summary>What a configuration can name: the extensions built in, those of <c>extensions/</c> beside the program, and those whose files it lists.</summary>
internal sealed class ExtensionFolder
{
    // What is loaded for good.
    private readonly HashSet<string> _loaded = new(StringComparer.Ordinal);

    private readonly bool _examine;

    private readonly IReadOnlyList<ExtensionKind> _kinds;

    private readonly ExtensionPlaces _places;

    private ExtensionFolder(bool examine)
    {
        Libraries = new AssemblyLibraries(examine);
        _examine = examine;
        _kinds = [ExtensionKind.ListenerFilters(Connections.ListenerFilters), ExtensionKind.NetworkFilters(Connections.NetworkFilters), ExtensionKind.LoadBalancers(Connections.LoadBalancers), ExtensionKind.HealthCheckers(Connections.HealthChecks), ExtensionKind.HealthCheckCallbacks(Connections.HealthChecks), ExtensionKind.ConfigurationSources(Connections.ConfigurationSources), CodecKind.Of(Connections.Codecs),
            ExtensionKind.RouteHandlers(Connections.RouteHandlers), ExtensionKind.Configurations(Connections.Configurations)];
        _places = new ExtensionPlaces(Filters, Certificates, _kinds);
    }

    /// <summary>The stream filters.</summary>
    internal StreamFilterRegistry Filters { get; } = new();

    /// <summary>The assemblies that stream filters name themselves (<c>library</c>).</summary>
    internal AssemblyLibraries Libraries { get; }

    /// <summary>The certificate providers.</summary>
    internal CertificateProviderRegistry Certificates { get; } = new();

    /// <summary>Listener filters, load balancers, health checkers, codecs and connection handlers.</summary>
    internal ConnectionExtensions Connections { get; } = new();

    /// <summary>Nothing is registered: for who looks at one file.</summary>
    internal static ExtensionFolder Empty() => new(examine: true);

    /// <summary>What a version of an assembly brings, by kind and name. Registers nothing.</summary>
    /// <exception cref="IOException">It refers to what is not there.</exception>
    /// <exception cref="InvalidOperationException">An extension in it is not as its attribute wants it, or its name is taken.</exception>
    internal IEnumerable<(string Kind, string Name)> Find(ExtensionVersion version) => version.Describe(_places);

    /// <summary>Registers what is built in and what lies beside the program.</summary>
    /// <param name="examine">Whether to look for all that extensions refer to: for who checks and does not run.</param>
    /// <exception cref="IOException">An extension beside the program cannot be loaded.</exception>
    internal static ExtensionFolder Load(bool examine = false)
    {
        var extensions = new ExtensionFolder(examine);
        BuiltIn.Register(extensions.Filters);
        BuiltIn.Register(extensions.Certificates);
        StockFilterSet.Register(extensions.Filters);
        string folder = Path.Combine(AppContext.BaseDirectory, "extensions");
        if (Directory.Exists(folder))
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal))
            {
                _ = ExtensionAssembly.Load(file, extensions.Filters, extensions.Certificates, examine, extensions._kinds, LoadedCode.Admit);
            }
        }

        LibraryTypes.Register(extensions.Filters, extensions.Libraries);
        return extensions;
    }

    /// <summary>Loads what the configuration's <c>extensions</c> names and is not loaded yet.</summary>
    /// <exception cref="ConfigurationException">A file is missing, or is not an extension.</exception>
    internal void LoadListed(ProxyConfiguration configuration)
    {
        if (TryLoadListed(configuration) is { Count: > 0 } problems)
        {
            throw new ConfigurationException(problems);
        }
    }

    /// <summary>As <see cref="LoadListed"/>, and loads what can be loaded when others cannot.</summary>
    /// <returns>What is wrong.</returns>
    internal IReadOnlyList<ConfigurationProblem> TryLoadListed(ProxyConfiguration configuration)
    {
        var problems = new List<ConfigurationProblem>();
        for (int i = 0; i < configuration.Extensions.Count; i++)
        {
            string path = configuration.Extensions[i];
            if (_loaded.Contains(path))
            {
                continue;
            }

            try
            {
                if (PlainFile.KindOf(path) == FileKind.Missing)
                {
                    throw new IOException($"there is no file {path}");
                }

                RequirePlain(path);
                // What cannot be swapped is loaded for good, as what is not to be.
                if (configuration.ExtensionsForGood.Contains(path) || !Libraries.List(path, _places))
                {
                    _ = ExtensionAssembly.Load(path, Filters, Certificates, _examine, _kinds, LoadedCode.Admit);
                    _ = _loaded.Add(path);
                }
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                problems.Add(configuration.ProblemAt($"extensions[{i}]", e.Message));
            }
        }

        return problems;
    }

    // A pipe would be waited for.
    private static void RequirePlain(string path)
    {
        try
        {
            PlainFile.Require(path);
        }
        catch (IOException e)
        {
            throw new IOException($"cannot load the extension {path}: {e.Message}", e);
        }
    }
}
