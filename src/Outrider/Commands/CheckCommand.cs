using Outrider.Plugins.Processes;
using Outrider.Proxy.Configuration;
using Outrider.Proxy.Server;

namespace Outrider.Commands;

/// <summary>Validates a configuration as <c>start</c> would, without listening anywhere.</summary>
internal static class CheckCommand
{
    internal static int Run(string file)
    {
        var loaded = ConfigurationLoader.Load(file);
        foreach (var warning in loaded.Warnings)
        {
            Console.Error.WriteLine("outrider: warning: " + warning);
        }

        var registry = ExtensionFolder.LoadBuiltIn();
        ExtensionFolder.LoadListed(loaded.Configuration, registry, new HashSet<string>());
        ProxyServer.Check(loaded.Configuration, registry, new PluginHost());
        Console.WriteLine($"{file}: ok{(loaded.Warnings.Count > 0 ? $", {loaded.Warnings.Count} warnings" : "")}");
        return 0;
    }
}
