using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.Messages;

/// <summary>Envoy's <c>GrpcService.EnvoyGrpc</c>.</summary>
internal sealed class EnvoyGrpcSettings
{
    /// <summary>The cluster. Required.</summary>
    [Required]
    public string ClusterName { get; set; } = "";

    /// <summary>The authority of calls. Default, and empty: the cluster's name.</summary>
    public string Authority { get; set; } = "";
}
