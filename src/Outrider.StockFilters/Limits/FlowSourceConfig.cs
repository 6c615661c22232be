namespace Outrider.StockFilters.Limits;

/// <summary>Where MOSN gets rules from while it runs. Looked at, without effect: rules come from the configuration, and a reload brings others.</summary>
public sealed class FlowSourceConfig
{
    /// <summary>What kind of source: <c>nacos</c>.</summary>
    public string ResourceType { get; set; } = "";

    /// <summary>Where it is.</summary>
    public NacosConfig? Config { get; set; }
}
