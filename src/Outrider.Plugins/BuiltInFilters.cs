using Outrider.Filters;
using Outrider.Plugins.Agent;

namespace Outrider.Plugins;

/// <summary>The stream filters that every proxy has.</summary>
public static class BuiltInFilters
{
    /// <summary>Registers them: <c>agent</c>, which asks a plugin in a process of its own.</summary>
    /// <exception cref="ArgumentException">A name is taken.</exception>
    public static void Register(StreamFilterRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        registry.Add(AgentFactory.FilterName, static configuration => new AgentFactory(configuration));
    }
}
