using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>RateLimit</c> of the filter.</summary>
internal sealed class RateLimitSettings
{
    /// <summary>Whose limits they are: the service keeps them apart by it. Required.</summary>
    [Required]
    public string Domain { get; set; } = "";

    /// <summary>Which descriptors are this filter's where there are several, 0 to 10. Default 0.</summary>
    [Range(0, RuleSettings.MaxStage)]
    public int Stage { get; set; }

    /// <summary>Whose requests are asked about: <c>internal</c>, <c>external</c> or <c>both</c>. Default, and empty: both.</summary>
    [AllowedValues("", "internal", "external", "both")]
    public string RequestType { get; set; } = "";

    /// <summary>How long the service may take. Default, and in place of 0: what <c>grpc_service</c> says, or 20 ms.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan Timeout { get; set; }

    /// <summary>Are requests refused while the service does not answer? Default false.</summary>
    public bool FailureModeDeny { get; set; }

    /// <summary>The share of them that is, in the place of <see cref="FailureModeDeny"/>.</summary>
    public RuntimeShareSettings? FailureModeDenyPercent { get; set; }

    /// <summary>Does a call of gRPC over the limit end with <c>RESOURCE_EXHAUSTED</c>, and not with <c>UNAVAILABLE</c>? Default false.</summary>
    public bool RateLimitedAsResourceExhausted { get; set; }

    /// <summary>Who is asked. Required.</summary>
    [Required]
    public RateLimitServiceSettings? RateLimitService { get; set; }

    /// <summary><c>DRAFT_VERSION_03</c>: answers tell of the limit (<c>x-ratelimit-limit</c>, <c>-remaining</c>, <c>-reset</c>). Default <c>OFF</c>.</summary>
    [AllowedValues("OFF", "DRAFT_VERSION_03")]
    public string EnableXRatelimitHeaders { get; set; } = "OFF";

    /// <summary>Does a refusal not bear <c>x-envoy-ratelimited</c>? Default false.</summary>
    public bool DisableXEnvoyRatelimitedHeader { get; set; }

    /// <summary>The status of a refusal; 429 for one below 400. Default 429.</summary>
    public HttpStatusSettings? RateLimitedStatus { get; set; }

    /// <summary>Headers of refusals. Default: none.</summary>
    public HeaderOptionSettings[]? ResponseHeadersToAdd { get; set; }

    /// <summary>The status while the service does not answer, with <see cref="FailureModeDeny"/>. Default 500.</summary>
    public HttpStatusSettings? StatusOnError { get; set; }

    /// <summary>A part of Envoy's names of statistics: without effect.</summary>
    public string StatPrefix { get; set; } = "";

    /// <summary>The share of requests that the service is asked about. Default: all.</summary>
    public RuntimeShareSettings? FilterEnabled { get; set; }

    /// <summary>The share of requests over the limit that are refused. Default: all.</summary>
    public RuntimeShareSettings? FilterEnforced { get; set; }

    /// <summary>What makes descriptors of requests, where the route does not say. Default: nothing.</summary>
    public RuleSettings[]? RateLimits { get; set; }

    /// <summary>Ours: what this proxy is called, for <c>source_cluster</c>. Envoy has it from its command line. Default: empty.</summary>
    public string ServiceCluster { get; set; } = "";
}
