using Outrider.Filters;

namespace Outrider.StockFilters.Scripting;

/// <summary>Makes the parts of <c>dsl</c>, one for each phase.</summary>
internal sealed class DslFactory : IStreamFilterGroup, IDisposable
{
    private readonly StreamFilterFactory<DslFilter> _alone;

    private DslFactory(DslConfig config)
    {
        _alone = new StreamFilterFactory<DslFilter>(() => new DslFilter(config) { IsAlone = true });
        Parts =
        [
            new StreamFilterFactory<DslFilter>(() => new DslFilter(config)),
            new StreamFilterFactory<DslPhaseFilter>(() => new DslPhaseFilter(config, static c => c.AfterRoute), ReceiverPhase.AfterRoute),
            new StreamFilterFactory<DslPhaseFilter>(() => new DslPhaseFilter(config, static c => c.AfterChooseHost), ReceiverPhase.AfterChooseHost),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<IStreamFilterFactory> Parts { get; }

    /// <inheritdoc/>
    public ReceiverPhase Phase => _alone.Phase;

    /// <inheritdoc/>
    public StreamFilterMethods Methods => _alone.Methods;

    /// <inheritdoc/>
    public StreamFilter CreateFilter() => _alone.CreateFilter();

    /// <inheritdoc/>
    public void Dispose() => _alone.Dispose();

    /// <summary>Reads a listener's configuration.</summary>
    internal static DslFactory Create(FilterConfiguration configuration) => new(Read(configuration));

    /// <summary>Reads a configuration, a listener's or a route's.</summary>
    internal static DslConfig Read(FilterConfiguration configuration)
    {
        var config = configuration.Read(ScriptingJson.Default.DslConfig);
        return configuration.HasHosts || config.AfterChooseHost is null
            ? config
            : throw new FilterConfigurationException("$.after_balancer_by_dsl", "this base chooses hosts by itself: there is no phase after that");
    }
}
