using Outrider.Configuration.Binding;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;

namespace Outrider.Configuration;

/// <summary>Turns MOSN's JSON configuration into a <see cref="ProxyConfiguration"/>. Any thread.</summary>
internal static class ConfigurationLoader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, is not JSON, or says something that cannot be done.</exception>
    public static LoadedConfiguration Load(string path) => Bind(ConfigurationDocument.Load(path));

    /// <summary>Reads a file for whoever wants to know all that is wrong with it, not for use: what could be read of it is there, errors or not.</summary>
    /// <exception cref="ConfigurationException">It cannot be read or is not JSON.</exception>
    public static ExaminedConfiguration Examine(string path)
    {
        var problems = new ProblemLog();
        ProxyConfiguration? configuration = RootBinder.Bind(ConfigurationDocument.Load(path), problems);
        return new ExaminedConfiguration(configuration, problems.Errors, problems.Warnings);
    }

    /// <summary>
    /// Reads a text. Directories that it names (<c>router_configs</c>, <c>clusters_configs</c>) are read as well.
    /// </summary>
    /// <param name="json">UTF-8, with or without a byte order mark. Kept: do not change it afterwards.</param>
    /// <param name="filePath">The name that problems carry; relative extension paths start from its folder.</param>
    /// <exception cref="ConfigurationException">It is not JSON, or says something that cannot be done.</exception>
    public static LoadedConfiguration Parse(ReadOnlyMemory<byte> json, string filePath) => Bind(ConfigurationDocument.Parse(json, filePath));

    private static LoadedConfiguration Bind(ConfigurationDocument document)
    {
        var problems = new ProblemLog();
        ProxyConfiguration? configuration = RootBinder.Bind(document, problems);
        return configuration is null || problems.HasErrors
            ? throw new ConfigurationException(problems.Errors)
            : new LoadedConfiguration(configuration, problems.Warnings);
    }
}
