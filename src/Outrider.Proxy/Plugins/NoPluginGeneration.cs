using Outrider.Filters;

namespace Outrider.Proxy.Plugins;

/// <summary>For a proxy that nobody brought a host of plugins.</summary>
internal sealed class NoPluginGeneration : IPluginGeneration
{
    internal static NoPluginGeneration Instance { get; } = new();

    public IPlugin Register(string name, PluginOptions? options = null) => NoPlugins.Instance.Register(name, options);

    public Task StartAsync() => Task.CompletedTask;

    public void Use()
    {
    }

    public void Drop()
    {
    }
}
