using Outrider.Plugins.Modules;
using Outrider.Proxy.Configuration.Problems;
using Outrider.Running;

namespace Outrider.Commands;

/// <summary>Validates a configuration as <c>start</c> would, without listening anywhere, and says all that is wrong with it.</summary>
internal static class CheckCommand
{
    internal static async Task<int> RunAsync(string file)
    {
        int warnings = 0;
        LibraryFilters.OnlyChecks = true;
        var problems = await Examination.RunAsync(file, ExtensionFolder.Load(examine: true), message =>
        {
            Console.Error.WriteLine("outrider: warning: " + message);
            warnings++;
        }).ConfigureAwait(false);
        if (problems.Count > 0)
        {
            throw new ConfigurationException([.. problems]);
        }

        Console.WriteLine($"{file}: ok{(warnings > 0 ? $", {warnings} warning{(warnings == 1 ? "" : "s")}" : "")}");
        return 0;
    }
}
