using System.Collections.Concurrent;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Plugins.Processes.Launching;
using Outrider.Plugins.Processes.Supervision;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Plugins;

namespace Outrider.Plugins.Processes;

/// <summary>All plugins of one proxy, by name. Configurations come one after the other; the rest is for any thread.</summary>
internal sealed class PluginHost : IPluginHost
{
    private readonly ConcurrentDictionary<Task, bool> _retiring = [];
    private readonly CancellationTokenSource _closing = new();
    private volatile IReadOnlyDictionary<string, SupervisedPlugin> _plugins = new Dictionary<string, SupervisedPlugin>();
    private readonly Lazy<EventLoop> _loop = new(static () =>
    {
        var loop = new EventLoop(0, "plugin-calls");
        loop.Start();
        return loop;
    });

    private PluginGeneration? _begun;
    private bool _disposed;

    /// <param name="pages">Further pages of the admin API, of what else brings extensions.</param>
    internal PluginHost(params IEnumerable<IAdminHandler> pages) => AdminPages = [new PluginAdminHandler(this), .. pages];

    public IReadOnlyList<IAdminHandler> AdminPages { get; }

    /// <summary>Where the sockets of plugins go.</summary>
    internal SocketFolder Sockets { get; } = new();

    /// <summary>Serves calls that come from no loop: those of the supervisors, of certificate providers, of filters that left their loop. Made when it is first needed.</summary>
    internal EventLoop Loop => _loop.Value;

    /// <summary>The plugins of the configuration in force, by name.</summary>
    internal IReadOnlyDictionary<string, SupervisedPlugin> Plugins => _plugins;

    public IPluginGeneration Begin(ProxyConfiguration configuration, Action<StreamLogLevel, string> log) => _begun = new PluginGeneration(this, configuration, log);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _closing.CancelAsync().ConfigureAwait(false);
        var all = _plugins.Values.Concat(_begun?.Plugins.Values ?? []).Distinct();
        await Task.WhenAll(all.Select(plugin => plugin.DisableAsync("the proxy ends"))).ConfigureAwait(false);
        await Task.WhenAll(_retiring.Keys).ConfigureAwait(false);
        Sockets.Dispose();
        if (_loop.IsValueCreated)
        {
            Loop.Stop();
            await Loop.Stopped.ConfigureAwait(false);
            Loop.Dispose();
        }
    }

    /// <summary>The plugin of that name in the configuration in force, or null.</summary>
    internal SupervisedPlugin? Find(string name) => _plugins.GetValueOrDefault(name);

    /// <summary>Is this plugin of the configuration in force?</summary>
    internal bool Runs(SupervisedPlugin plugin) => _plugins.Values.Contains(plugin);

    /// <summary>Puts a generation in force.</summary>
    internal void Use(PluginGeneration generation)
    {
        var before = _plugins;
        _plugins = generation.Plugins;
        _begun = null;
        foreach (var plugin in generation.Plugins.Values.Intersect(before.Values))
        {
            _ = plugin.ReviveAsync();
        }

        Retire(before.Values.Except(generation.Plugins.Values), generation.GracefulTimeout);
    }

    /// <summary>Ends plugins that nobody wants any more, when their calls have ended.</summary>
    internal void Retire(IEnumerable<SupervisedPlugin> plugins, TimeSpan limit)
    {
        foreach (var plugin in plugins.ToList())
        {
            var retiring = plugin.RetireAsync(limit, _closing.Token);
            _retiring[retiring] = true;
            _ = retiring.ContinueWith(done => _retiring.TryRemove(done, out _), TaskScheduler.Default);
        }
    }
}
