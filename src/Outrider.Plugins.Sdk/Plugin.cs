using System.Globalization;
using Outrider.Plugins.Protocol;
using Outrider.Plugins.Sdk.Serving;

namespace Outrider.Plugins.Sdk;

/// <summary>Runs a program as a plugin of Outrider or MOSN.</summary>
public static class Plugin
{
    /// <summary>The folder that the proxy gives for the plugin's own logs; empty when it gives none.</summary>
    public static string LogFolder => Environment.GetEnvironmentVariable(PluginEnvironment.LogFolder) ?? "";

    /// <summary>How many processors the proxy lets the plugin keep busy; 1 when it does not say.</summary>
    public static int Processors
        => int.TryParse(Environment.GetEnvironmentVariable(PluginEnvironment.Processors), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 ? count : 1;

    /// <summary>
    /// Listens, prints the handshake, and answers calls until the proxy says that it is enough (a <c>Shutdown</c> call or
    /// SIGTERM), or has gone. A second SIGTERM ends the process at once; SIGINT, SIGQUIT, SIGHUP, SIGUSR1 and SIGUSR2 do nothing. Until then nothing else may be printed on stdout; afterwards what is printed goes to the proxy's log.
    /// </summary>
    /// <param name="service">Answers the calls.</param>
    /// <param name="options">How to listen.</param>
    /// <param name="cancellationToken">Ends it as well.</param>
    /// <returns>The exit code: 0 at the end, 1 when the program was not started as a plugin; then stderr says what to do.</returns>
    public static async Task<int> ServeAsync(IPluginService service, PluginServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(service);
        options ??= new PluginServerOptions();
        if (Environment.GetEnvironmentVariable(PluginEnvironment.Cookie) != PluginEnvironment.CookieValue)
        {
            await Console.Error.WriteLineAsync("This program is a plugin: a proxy starts it. Name it in the proxy's configuration (\"type\": \"agent\").").ConfigureAwait(false);
            return 1;
        }

        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(PluginEnvironment.ClientCertificate)))
        {
            await Console.Error.WriteLineAsync("The proxy insists on TLS between itself and its plugins, which this plugin does not speak.").ConfigureAwait(false);
            return 1;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var signals = new PluginSignals(stop.Cancel);
        using var parent = new ParentWatch(stop.Cancel);
        await using var server = await PluginServer.StartAsync(service, options, stop.Cancel).ConfigureAwait(false);
        signals.Leaves(server.SocketFile);
        await Console.Out.WriteLineAsync(server.Handshake.ToString()).ConfigureAwait(false);
        await Console.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (stop.Token.Register(ended.SetResult))
        {
            await ended.Task.ConfigureAwait(false);
        }

        return 0;
    }
}
