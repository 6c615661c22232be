using Outrider.Filters;

namespace Outrider.Proxy.Plugins;

/// <summary>The plugins that one configuration names. Exactly one of <see cref="Use"/> and <see cref="Drop"/> follows <see cref="IPluginHost.Begin"/>.</summary>
internal interface IPluginGeneration : IPluginRegistry
{
    /// <summary>
    /// Starts those that do not run yet, and returns when each has been tried once. One that cannot start is told in the log
    /// and tried again; what depends on it fails until then.
    /// </summary>
    Task StartAsync();

    /// <summary>The configuration is in force: plugins that it does not name end when no call of theirs is under way.</summary>
    void Use();

    /// <summary>The configuration was refused: what was started for it alone ends.</summary>
    void Drop();
}
