namespace Outrider.Filters;

/// <summary>The registry of a base that runs no plugins: says so to whoever wants one.</summary>
public sealed class NoPlugins : IPluginRegistry
{
    /// <summary>The only one.</summary>
    public static NoPlugins Instance { get; } = new();

    private NoPlugins()
    {
    }

    /// <inheritdoc/>
    public IPlugin Register(string name, PluginOptions? options = null)
        => throw new FilterConfigurationException($"the plugin '{name}' cannot run here: plugins in their own process are Outrider's own proxy's");
}
