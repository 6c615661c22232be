using System.Runtime.InteropServices;
using Outrider.Filters;
using Outrider.Plugins.Modules;
using Outrider.Plugins.Processes;
using Outrider.Proxy.Configuration;
using Outrider.Proxy.Server;

namespace Outrider.Commands;

/// <summary>Runs a proxy until it is told to end; reloads its configuration on SIGHUP.</summary>
internal static class StartCommand
{
    internal static async Task<int> RunAsync(string file, bool warmUp)
    {
        var extensions = ExtensionFolder.Load();
        var configuration = Load(file, extensions, problem => Console.Error.WriteLine("outrider: warning: " + problem));
        // From here on a signal is kept until it can be served: whoever sees the port open may send one.
        using var signals = new Signals();
        if (warmUp)
        {
            await WarmUp.RunAsync(ProductVersion.Text).ConfigureAwait(false);
        }

        using var pid = PidFile.Write(configuration.PidFile);
        var server = await ProxyServer.StartAsync(configuration, extensions.Filters, ProductVersion.Text, extensions.Certificates, new PluginHost()).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            ModuleLog.Use(level => server.Log.IsEnabled(level), (level, message) => server.Log.Write(level, message));
            foreach (var listener in server.Listeners)
            {
                server.Log.Write(StreamLogLevel.Info, $"listener '{listener.Snapshot.Configuration.Name}' on {listener.EndPoint}");
            }

            while (await signals.NextAsync().ConfigureAwait(false) == PosixSignal.SIGHUP)
            {
                await ReloadAsync(server, file, extensions).ConfigureAwait(false);
            }

            server.Log.Write(StreamLogLevel.Info, "stopping");
            await server.StopAsync().ConfigureAwait(false);
        }

        return 0;
    }

    private static ProxyConfiguration Load(string file, ExtensionFolder extensions, Action<ConfigurationProblem> warn)
    {
        var loaded = ConfigurationLoader.Load(file);
        foreach (var warning in loaded.Warnings)
        {
            warn(warning);
        }

        extensions.LoadListed(loaded.Configuration);
        return loaded.Configuration;
    }

    private static async Task ReloadAsync(ProxyServer server, string file, ExtensionFolder extensions)
    {
        foreach (string problem in server.LogFiles.Reopen())
        {
            server.Log.Write(StreamLogLevel.Error, problem);
        }

        try
        {
            var configuration = Load(file, extensions, problem => server.Log.Write(StreamLogLevel.Warn, problem.ToString()));
            await server.ReloadAsync(configuration).ConfigureAwait(false);
            server.Log.Write(StreamLogLevel.Info, "configuration reloaded from " + file);
        }
        catch (ConfigurationException e)
        {
            foreach (var problem in e.Problems)
            {
                server.Log.Write(StreamLogLevel.Error, problem.ToString());
            }

            server.Log.Write(StreamLogLevel.Error, "the configuration was not reloaded; the one in force stays");
        }
        catch (Exception e)
        {
            server.Log.Write(StreamLogLevel.Error, "the configuration was not reloaded; the one in force stays: " + e.Message);
        }
    }
}
