using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Plugins.Processes;
using Outrider.Proxy.Server;
using Outrider.Running;

namespace Outrider.Commands;

/// <summary>
/// Finds all that is wrong with a configuration file. What uses a configuration stops at the first part that refuses it;
/// <c>check</c>, and a start or reload that was refused, look at every part.
/// </summary>
internal static class Examination
{
    /// <summary>Looks, without listening or opening a log; plugins that bring certificates are started for it and ended.</summary>
    /// <param name="file">The file.</param>
    /// <param name="extensions">What it may name; what it lists is loaded into it.</param>
    /// <param name="warn">Told what is odd, or null.</param>
    /// <returns>Each problem once, in the order of the file; none when it can be used.</returns>
    /// <exception cref="ConfigurationException">The file cannot be read.</exception>
    internal static async Task<IReadOnlyList<ConfigurationProblem>> RunAsync(string file, ExtensionFolder extensions, Action<ConfigurationProblem>? warn)
    {
        var examined = ConfigurationLoader.Examine(file);
        foreach (var warning in examined.Warnings)
        {
            warn?.Invoke(warning);
        }

        var problems = new List<ConfigurationProblem>(examined.Errors);
        if (examined.Configuration is { } configuration)
        {
            problems.AddRange(extensions.TryLoadListed(configuration));
            var plugins = new PluginHost();
            await using (plugins.ConfigureAwait(false))
            {
                problems.AddRange(await new ConfigurationCheck(configuration, warn).RunAsync(extensions.Filters, extensions.Certificates, plugins, extensions.Connections).ConfigureAwait(false));
            }
        }

        // One cause may be found twice: by who reads the file, and by who would use it.
        return [.. problems.Distinct().OrderBy(problem => problem.Line).ThenBy(problem => problem.Column)];
    }

    /// <summary>After a refusal, which names what one part found first: all that is wrong, to be told instead.</summary>
    /// <param name="refusal">Why the configuration could not be used.</param>
    /// <param name="file">The file.</param>
    /// <param name="extensions">As for <see cref="RunAsync"/>.</param>
    /// <returns>Everything that an examination finds, or <paramref name="refusal"/> where it finds nothing (a port that is taken, a file that has changed).</returns>
    internal static async Task<Exception> CompleteAsync(Exception refusal, string file, ExtensionFolder extensions)
    {
        try
        {
            return await RunAsync(file, extensions, null).ConfigureAwait(false) is { Count: > 0 } problems ? new ConfigurationException(problems) : refusal;
        }
        catch (Exception e) when (e is ConfigurationException or IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return refusal;
        }
    }
}
