using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>RateLimitServiceConfig</c>.</summary>
internal sealed class RateLimitServiceSettings
{
    /// <summary>Who is asked. Required.</summary>
    public GrpcServiceSettings? GrpcService { get; set; }

    /// <summary>The version of the messages; <c>V3</c> alone.</summary>
    public string TransportApiVersion { get; set; } = "V3";
}
