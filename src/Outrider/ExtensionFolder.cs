using Outrider.Filters;
using Outrider.Plugins;
using Outrider.Plugins.Modules;
using Outrider.Proxy.Configuration;

namespace Outrider;

/// <summary>Brings together the filters that a configuration can name: those of <c>extensions/</c> beside the program, and those whose files it lists.</summary>
internal static class ExtensionFolder
{
    /// <exception cref="IOException">An extension beside the program cannot be loaded.</exception>
    internal static StreamFilterRegistry LoadBuiltIn()
    {
        var registry = new StreamFilterRegistry();
        BuiltIn.Register(registry);
        string folder = Path.Combine(AppContext.BaseDirectory, "extensions");
        if (Directory.Exists(folder))
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal))
            {
                _ = AssemblyFilters.Load(file, registry);
            }
        }

        LibraryFilters.Register(registry);
        return registry;
    }

    /// <summary>The certificate providers that a configuration can name.</summary>
    internal static CertificateProviderRegistry Certificates()
    {
        var registry = new CertificateProviderRegistry();
        BuiltIn.Register(registry);
        return registry;
    }

    /// <summary>Loads what the configuration's <c>extensions</c> names. What is loaded already stays as it is: .NET cannot take an assembly's place while its filters run.</summary>
    /// <exception cref="ConfigurationException">A file is missing, or is not an extension.</exception>
    internal static void LoadListed(ProxyConfiguration configuration, StreamFilterRegistry registry, ISet<string> loaded)
    {
        var problems = new List<ConfigurationProblem>();
        for (int i = 0; i < configuration.Extensions.Count; i++)
        {
            string path = configuration.Extensions[i];
            if (loaded.Contains(path))
            {
                continue;
            }

            try
            {
                if (!File.Exists(path))
                {
                    throw new IOException($"there is no file {path}");
                }

                _ = AssemblyFilters.Load(path, registry);
                _ = loaded.Add(path);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                problems.Add(configuration.ProblemAt($"extensions[{i}]", e.Message));
            }
        }

        if (problems.Count > 0)
        {
            throw new ConfigurationException(problems);
        }
    }
}
