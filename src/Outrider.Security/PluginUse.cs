using Outrider.Filters;

namespace Outrider.Security;

/// <summary>A registry of plugins that knows whether it was used.</summary>
internal sealed class PluginUse(IPluginRegistry plugins) : IPluginRegistry
{
    internal bool Any { get; private set; }

    public IPlugin Register(string name, PluginOptions? options = null)
    {
        Any = true;
        return plugins.Register(name, options);
    }
}
