using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>envoy.config.rbac.v3.RBAC</c>.</summary>
internal sealed class RulesSettings
{
    /// <summary>What happens to a request that a policy fits. Default <c>ALLOW</c>.</summary>
    public RbacAction Action { get; set; }

    /// <summary>Policies by names that people choose; they are tried in the order of their names.</summary>
    public Dictionary<string, PolicySettings>? Policies { get; set; }
}

/// <summary>What rules do.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RbacAction>))]
internal enum RbacAction
{
    /// <summary>A request passes that a policy fits, and no other.</summary>
    [JsonStringEnumMemberName("ALLOW")]
    Allow,

    /// <summary>A request is refused that a policy fits.</summary>
    [JsonStringEnumMemberName("DENY")]
    Deny,

    /// <summary>All pass; what a policy fits is marked.</summary>
    [JsonStringEnumMemberName("LOG")]
    Log,
}
