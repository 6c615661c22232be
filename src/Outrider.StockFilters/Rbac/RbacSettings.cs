namespace Outrider.StockFilters.Rbac;

/// <summary>The messages <c>RBAC</c> of Envoy's filter and <c>RBACPerRoute</c>, and MOSN's key <c>version</c>.</summary>
internal sealed class RbacSettings
{
    /// <summary>MOSN's: a name of the configuration, which MOSN requires. Without effect.</summary>
    public string Version { get; set; } = "";

    /// <summary>What is enforced. Default: nothing.</summary>
    public RulesSettings? Rules { get; set; }

    /// <summary>What is tried and told, and refuses nothing.</summary>
    public RulesSettings? ShadowRules { get; set; }

    /// <summary>Stands before the keys of what the shadow rules tell in metadata.</summary>
    public string ShadowRulesStatPrefix { get; set; } = "";

    /// <summary>A part of Envoy's names of statistics: without effect.</summary>
    public string RulesStatPrefix { get; set; } = "";

    /// <summary>Of a route, as Envoy writes it: what is otherwise here.</summary>
    public RbacSettings? Rbac { get; set; }
}
