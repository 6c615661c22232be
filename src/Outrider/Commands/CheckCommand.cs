using Outrider.Plugins.Modules;
using Outrider.Plugins.Processes;
using Outrider.Proxy.Configuration;
using Outrider.Proxy.Server;

namespace Outrider.Commands;

/// <summary>Validates a configuration as <c>start</c> would, without listening anywhere.</summary>
internal static class CheckCommand
{
    internal static async Task<int> RunAsync(string file)
    {
        var loaded = ConfigurationLoader.Load(file);
        foreach (var warning in loaded.Warnings)
        {
            Console.Error.WriteLine("outrider: warning: " + warning);
        }

        LibraryFilters.OnlyChecks = true;
        var extensions = ExtensionFolder.Load();
        extensions.LoadListed(loaded.Configuration);
        int warnings = loaded.Warnings.Count;
        var plugins = new PluginHost();
        await using (plugins.ConfigureAwait(false))
        {
            await ProxyServer.CheckAsync(loaded.Configuration, extensions.Filters, extensions.Certificates, plugins: plugins, warn: message =>
            {
                Console.Error.WriteLine("outrider: warning: " + message);
                warnings++;
            }).ConfigureAwait(false);
        }

        Console.WriteLine($"{file}: ok{(warnings > 0 ? $", {warnings} warnings" : "")}");
        return 0;
    }
}
