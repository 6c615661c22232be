namespace Outrider.Filters;

/// <summary>Where those that want a plugin get it, while a configuration is loaded. Not for several threads at a time.</summary>
public interface IPluginRegistry
{
    /// <summary>
    /// Registers a use of a plugin. All who name the same plugin in one configuration share its processes, which start when
    /// the configuration has been accepted and end when a later one does not name the plugin any more.
    /// </summary>
    /// <param name="name">The name of an executable in one of the plugin folders.</param>
    /// <param name="options">How to run and use it; null for the defaults.</param>
    /// <exception cref="FilterConfigurationException">There is no such executable, or the plugin is registered with other arguments.</exception>
    IPlugin Register(string name, PluginOptions? options = null);
}
