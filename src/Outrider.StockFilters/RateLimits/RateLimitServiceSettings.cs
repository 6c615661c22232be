using System.ComponentModel.DataAnnotations;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>RateLimitServiceConfig</c>.</summary>
internal sealed class RateLimitServiceSettings
{
    /// <summary>Who is asked. Required.</summary>
    [Required]
    public GrpcServiceSettings? GrpcService { get; set; }

    /// <summary>The version of the messages; <c>V3</c> alone.</summary>
    [AllowedValues("V3", "AUTO")]
    public string TransportApiVersion { get; set; } = "V3";
}
