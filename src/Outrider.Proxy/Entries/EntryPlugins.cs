using Outrider.Filters;

namespace Outrider.Proxy.Entries;

/// <summary>Gives an entry its plugins, and remembers which. The thread that loads.</summary>
/// <param name="plugins">Those of the configuration that is being loaded; let go of with <see cref="Close"/>.</param>
internal sealed class EntryPlugins(IPluginRegistry plugins) : IPluginRegistry
{
    private readonly List<(string Name, PluginOptions? Options, IPlugin Plugin)> _given = [];
    private IPluginRegistry? _plugins = plugins;

    public IPlugin Register(string name, PluginOptions? options = null)
    {
        var plugin = (_plugins ?? NoPlugins.Instance).Register(name, options);
        _given.Add((name, options, plugin));
        return plugin;
    }

    /// <summary>The entry has been made: what comes later gets none, and the configuration's plugins are not held.</summary>
    internal void Close() => _plugins = null;

    /// <summary>Has another configuration the very same? It is told that they are used in it, too.</summary>
    internal bool AreSameIn(IPluginRegistry next)
    {
        foreach (var (name, options, plugin) in _given)
        {
            try
            {
                if (next.Register(name, options) is not IRegisteredPlugin registered || !registered.IsSame(plugin))
                {
                    return false;
                }
            }
            catch (FilterConfigurationException)
            {
                // Whoever makes it anew is told the same, and says where it stands.
                return false;
            }
        }

        return true;
    }
}
