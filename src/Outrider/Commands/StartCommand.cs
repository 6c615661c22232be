using System.Runtime.InteropServices;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Diagnosing;
using Outrider.Filters;
using Outrider.Plugins;
using Outrider.Plugins.Libraries;
using Outrider.Plugins.Modules;
using Outrider.Plugins.Modules.Logging;
using Outrider.Plugins.Processes;
using Outrider.Proxy.Server;
using Outrider.Running;
using Outrider.Starting;

namespace Outrider.Commands;

/// <summary>Runs a proxy until it is told to end; reloads its configuration on SIGHUP, reopens its logs on SIGUSR1.</summary>
internal static class StartCommand
{
    // How long the last line may keep a process that is to end at once.
    private static readonly TimeSpan s_lastLine = TimeSpan.FromMilliseconds(500);

    internal static async Task<int> RunAsync(string file, bool warmUp)
    {
        // First, as whoever starts it may send one at any time: from here on a signal is kept until it can be served.
        using var signals = new Signals();
        ErrorLogOf log = new();
        var extensions = ExtensionFolder.Load();
        var swaps = new LibrarySwaps(extensions.Libraries);
        PidFile? pid = null;
        ProxyServer server;
        try
        {
            var configuration = Load(file, extensions, problem => Console.Error.WriteLine("outrider: warning: " + problem));
            await FirstUses.DoAsync().ConfigureAwait(false);
            if (warmUp)
            {
                await WarmUp.RunAsync(ProductVersion.Text, http2: SpeaksHttp2(configuration)).ConfigureAwait(false);
            }

            pid = PidFile.Write(configuration.PidFile);
            // Even while it starts: a plugin or a name may take its time.
            signals.EndingAtOnce = _ => pid.Dispose();
            server = await ProxyServer.StartAsync(configuration, extensions.Filters, ProductVersion.Text, extensions.Certificates, new PluginHost(new LibraryAdminHandler(swaps)), extensions.Connections, DebugPages.All).ConfigureAwait(false);
            extensions.Libraries.Commit();
        }
        catch (Exception e) when (e is ConfigurationException or IOException)
        {
            pid?.Dispose();
            if (LibraryFilters.LoaderIsHeld)
            {
                // Whatever looks further would wait for it.
                throw;
            }

            // From here on this process does what check does, with what check loads.
            LibraryFilters.OnlyChecks = true;
            throw await Examination.CompleteAsync(e, file, ExtensionFolder.Load(examine: true)).ConfigureAwait(false);
        }

        using (pid)
        await using (server.ConfigureAwait(false))
        await using (swaps.ConfigureAwait(false))
        {
            log.Server = server;
            swaps.Start(log.Tell);
            LibraryFilters.Serves = true;
            ModuleLog.Use(level => server.Log.IsEnabled(level), (level, message) => server.Log.Write(level, message));
            server.Log.Write(StreamLogLevel.Info, Describe(server));
            FirstUses.Attempt(ResidentPages.Release);

            signals.EndingAtOnce = signal =>
            {
                server.Log.Write(StreamLogLevel.Warn, $"ended at once by a second signal ({signal})");
                pid.Dispose();
                _ = server.Log.File.Flush(s_lastLine);
            };
            await ServeAsync(server, signals, swaps, file, extensions).ConfigureAwait(false);
            server.Log.Write(StreamLogLevel.Info, "stopping");
            await server.StopAsync().ConfigureAwait(false);
        }

        LibraryFilters.Complete();

        return 0;
    }

    private static bool SpeaksHttp2(ProxyConfiguration configuration)
        => configuration.Server.Listeners.SelectMany(listener => listener.Chains).Any(chain => chain.Proxy is { } proxy && proxy.Downstream.HasFlag(DownstreamProtocols.Http2));

    private static async Task ServeAsync(ProxyServer server, Signals signals, LibrarySwaps swaps, string file, ExtensionFolder extensions)
    {
        var signal = signals.NextAsync().AsTask();
        var swap = swaps.NextAsync().AsTask();
        while (true)
        {
            // Signals first: one may end it.
            if (!signal.IsCompleted && await Task.WhenAny(signal, swap).ConfigureAwait(false) == swap)
            {
                await LibrarySwap.DoAsync(server, swaps.Libraries, await swap.ConfigureAwait(false)).ConfigureAwait(false);
                swap = swaps.NextAsync().AsTask();
                continue;
            }

            var received = await signal.ConfigureAwait(false);
            signal = signals.NextAsync().AsTask();
            switch (received)
            {
                case PosixSignal.SIGHUP:
                    _ = Reopen(server);
                    await ReloadAsync(server, file, extensions).ConfigureAwait(false);
                    break;
                case Signals.Reopen:
                    if (Reopen(server))
                    {
                        server.Log.Write(StreamLogLevel.Info, "log files reopened");
                    }

                    break;
                case Signals.Upgrade:
                    server.Log.Write(StreamLogLevel.Warn, "SIGUSR2 is kept for upgrades of the program, which are not there yet: nothing was done");
                    break;
                default:
                    return;
            }
        }
    }

    // What somebody wants to know who looks at a log: which program, and where it is to be reached.
    private static string Describe(ProxyServer server)
    {
        string listeners = string.Join(", ", server.Listeners.Select(listener => $"listener '{listener.Snapshot.Configuration.Name}' on {listener.EndPoint}"));
        return $"outrider {ProductVersion.Text} runs with {server.LoopCount} loop{(server.LoopCount == 1 ? "" : "s")}, "
            + $"{(listeners.Length > 0 ? listeners : "no listener")}, {(server.AdminEndPoint is { } admin ? $"admin on {admin}" : "no admin API")}";
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

    // Those that cannot be opened are told, and what was open stays.
    private static bool Reopen(ProxyServer server)
    {
        bool all = true;
        foreach (string problem in server.LogFiles.Reopen())
        {
            server.Log.Write(StreamLogLevel.Error, problem);
            all = false;
        }

        return all;
    }

    private static async Task ReloadAsync(ProxyServer server, string file, ExtensionFolder extensions)
    {
        try
        {
            var configuration = Load(file, extensions, problem => server.Log.Write(StreamLogLevel.Warn, problem.ToString()));
            await FirstUses.DoForExtensionsAsync().ConfigureAwait(false);
            await LibrarySwap.ReloadAsync(server, extensions.Libraries, configuration).ConfigureAwait(false);
            foreach (string change in LoadedCode.Changes())
            {
                server.Log.Write(StreamLogLevel.Warn, change);
            }

            server.Log.Write(StreamLogLevel.Info, "configuration reloaded from " + file);
        }
        catch (Exception e)
        {
            // Whatever looks further would wait for a loader that is held.
            var told = e is (ConfigurationException or IOException) && !LibraryFilters.LoaderIsHeld ? await Examination.CompleteAsync(e, file, extensions).ConfigureAwait(false) : e;
            if (told is not ConfigurationException { Problems: var problems })
            {
                server.Log.Write(StreamLogLevel.Error, "the configuration was not reloaded; the one in force stays: " + told.Message);
                return;
            }

            foreach (var problem in problems)
            {
                server.Log.Write(StreamLogLevel.Error, problem.ToString());
            }

            server.Log.Write(StreamLogLevel.Error, "the configuration was not reloaded; the one in force stays");
        }
    }
}
