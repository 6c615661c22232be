using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;

namespace Outrider.Proxy.Server;

/// <summary>Gives each entry of <c>extends</c> to whoever is registered for its type. Entries of other types are passed over, as in MOSN.</summary>
/// <param name="registry">Who is registered; null for nobody.</param>
/// <param name="problems">Where errors go.</param>
internal sealed class ExtendReader(ConfigurationExtensionRegistry? registry, List<ConfigurationProblem> problems)
{
    /// <summary>What has been made of the entries, in their order.</summary>
    internal IReadOnlyList<IConfigurationExtension> Read(ProxyConfiguration configuration)
    {
        string folder = Path.GetDirectoryName(configuration.FilePath) ?? "/";
        List<IConfigurationExtension> read = [];
        foreach (var entry in configuration.Extends)
        {
            if (registry?.Find(entry.Type) is not { } creator)
            {
                continue;
            }

            try
            {
                read.Add(creator(new FilterConfiguration(entry.Type, entry.Config?.Json ?? default, folder, entry.Entry.Json)));
            }
            catch (FilterConfigurationException e)
            {
                problems.Add((entry.Config ?? entry.Entry).Origin.At(e.Path).Problem(e.Message));
            }
            catch (Exception e)
            {
                problems.Add(entry.Entry.Origin.Problem($"who reads '{entry.Type}' cannot be made: {e.Message}"));
            }
        }

        return read;
    }

    /// <summary>Has them take it.</summary>
    /// <exception cref="ConfigurationException">One cannot.</exception>
    internal static void Apply(IReadOnlyList<IConfigurationExtension> extensions, ProxyConfiguration configuration)
    {
        foreach (var extension in extensions)
        {
            try
            {
                extension.Apply();
            }
            catch (Exception e)
            {
                throw new ConfigurationException(configuration.ProblemAt("extends", $"{extension.GetType().Name}: {e.Message}"));
            }
        }
    }
}
