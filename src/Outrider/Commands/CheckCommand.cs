using Outrider.Plugins.Modules;
using Outrider.Plugins.Processes;
using Outrider.Proxy.Configuration;
using Outrider.Proxy.Server;

namespace Outrider.Commands;

/// <summary>Validates a configuration as <c>start</c> would, without listening anywhere, and says all that is wrong with it.</summary>
internal static class CheckCommand
{
    internal static async Task<int> RunAsync(string file)
    {
        var examined = ConfigurationLoader.Examine(file);
        foreach (var warning in examined.Warnings)
        {
            Console.Error.WriteLine("outrider: warning: " + warning);
        }

        int warnings = examined.Warnings.Count;
        var problems = new List<ConfigurationProblem>(examined.Errors);
        if (examined.Configuration is { } configuration)
        {
            LibraryFilters.OnlyChecks = true;
            var extensions = ExtensionFolder.Load(examine: true);
            problems.AddRange(extensions.TryLoadListed(configuration));
            var plugins = new PluginHost();
            await using (plugins.ConfigureAwait(false))
            {
                var check = new ConfigurationCheck(configuration, message =>
                {
                    Console.Error.WriteLine("outrider: warning: " + message);
                    warnings++;
                });
                problems.AddRange(await check.RunAsync(extensions.Filters, extensions.Certificates, plugins).ConfigureAwait(false));
            }
        }

        if (problems.Count > 0)
        {
            // One cause may be found twice: by who reads the file, and by who would use it.
            throw new ConfigurationException([.. problems.Distinct().OrderBy(problem => problem.Line).ThenBy(problem => problem.Column)]);
        }

        Console.WriteLine($"{file}: ok{(warnings > 0 ? $", {warnings} warning{(warnings == 1 ? "" : "s")}" : "")}");
        return 0;
    }
}
