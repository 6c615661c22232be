using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Plugins.Processes.Calls;
using Outrider.Plugins.Processes.Launching;
using Outrider.Plugins.Processes.Supervision;
using Outrider.Proxy.Plugins;

namespace Outrider.Plugins.Processes;

/// <summary>The plugins that one configuration names, those that run already among them.</summary>
internal sealed class PluginGeneration(PluginHost host, ProxyConfiguration configuration, Action<StreamLogLevel, string> log) : IPluginGeneration
{
    private readonly Dictionary<string, SupervisedPlugin> _plugins = new(StringComparer.Ordinal);

    /// <summary>The plugins by name.</summary>
    internal IReadOnlyDictionary<string, SupervisedPlugin> Plugins => _plugins;

    /// <summary>How long those that are not in a later generation may go on.</summary>
    internal TimeSpan GracefulTimeout => configuration.Server.GracefulTimeout;

    public IPlugin Register(string name, PluginOptions? options = null)
    {
        options ??= new PluginOptions();
        if (options.MaxProcs is < 1 or > PluginOptions.MaxProcesses)
        {
            throw new FilterConfigurationException("$.max_procs", $"{options.MaxProcs}, wanted 1 to {PluginOptions.MaxProcesses}");
        }

        var settings = configuration.Plugins;
        string file = PluginFile.Find(name, settings.Folders);
        var command = new PluginCommand(name, file, options, Path.GetDirectoryName(configuration.FilePath) ?? "/", settings.LogBase, settings.Environment);
        if (!_plugins.TryGetValue(name, out var plugin))
        {
            plugin = host.Find(name) is { } running && running.Command.IsSame(command) && running.HasSettings(settings)
                ? running
                : new SupervisedPlugin(command, settings, host.Sockets, host.Loop, log);
            _plugins.Add(name, plugin);
        }
        else if (!plugin.Command.IsSame(command))
        {
            throw new FilterConfigurationException("$.args", $"the plugin '{name}' is used elsewhere with other args or max_procs; all who use a plugin share its processes");
        }

        return new RegisteredPlugin(plugin, options);
    }

    public async Task StartAsync()
    {
        if (_plugins.Count > 0 && !ChildCommand.EndsWithParent)
        {
            log(StreamLogLevel.Warn, "there is no setpriv (util-linux) here: plugins without a watch of their own outlive a proxy that is killed");
        }

        // What goes wrong stands in the log already.
        _ = await Task.WhenAll(_plugins.Values.Where(plugin => !host.Runs(plugin)).Select(plugin => plugin.EnableAsync())).ConfigureAwait(false);
    }

    public void Use() => host.Use(this);

    public void Drop() => host.Retire(_plugins.Values.Where(plugin => !host.Runs(plugin)), TimeSpan.Zero);
}
