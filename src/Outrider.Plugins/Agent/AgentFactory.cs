using Outrider.Filters;

namespace Outrider.Plugins.Agent;

/// <summary>Makes the filters of one <c>agent</c> entry, which share the plugin and its limits.</summary>
internal sealed class AgentFactory : IStreamFilterFactory
{
    /// <summary>The name that configurations use.</summary>
    internal const string FilterName = "agent";

    private readonly AgentConfig _config;
    private readonly IPlugin _plugin;
    private readonly AgentFailures _failures = new();

    /// <exception cref="FilterConfigurationException">The configuration is wrong, or there is no such plugin.</exception>
    internal AgentFactory(FilterConfiguration configuration)
    {
        _config = configuration.Read(AgentJson.Default.AgentConfig);
        _plugin = configuration.Plugins.Register(_config.Plugin, _config.ToOptions());
    }

    public ReceiverPhase Phase => ReceiverPhase.BeforeRoute;

    public StreamFilterMethods Methods => StreamFilterMethods.DecodeHeaders;

    public StreamFilter CreateFilter() => new AgentFilter(_config, _plugin, _failures);
}
