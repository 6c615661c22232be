using Outrider.Filters;

namespace Outrider.Samples.DemoPlugin;

/// <summary>Made when a configuration loads: registers the process <c>checker</c>, which all filters that this makes will ask.</summary>
[StreamFilter("demo_plugin")]
public sealed class DemoPluginFactory : IStreamFilterFactory
{
    private readonly IPlugin _checker;

    /// <param name="configuration">The filter's configuration.</param>
    /// <exception cref="FilterConfigurationException">It is wrong, or there is no executable <c>checker</c>.</exception>
    public DemoPluginFactory(FilterConfiguration configuration)
    {
        var config = configuration.Read(DemoPluginJson.Default.DemoPluginConfig);
        _checker = configuration.Plugins.Register("checker", new PluginOptions
        {
            Arguments = config.ConfigPath is null ? [] : ["-c", config.ConfigPath],
        });
    }

    /// <inheritdoc/>
    public ReceiverPhase Phase => ReceiverPhase.BeforeRoute;

    /// <inheritdoc/>
    public StreamFilterMethods Methods => StreamFilterMethods.DecodeHeaders;

    /// <inheritdoc/>
    public StreamFilter CreateFilter() => new DemoPluginFilter(_checker);
}
