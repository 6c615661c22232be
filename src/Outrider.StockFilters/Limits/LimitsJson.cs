using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Limits;

/// <summary>Reads the configurations of <c>payload_limit</c>, <c>flowControlFilter</c> and <c>local_rate_limit</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(PayloadLimitConfig))]
[JsonSerializable(typeof(FlowControlConfig))]
[JsonSerializable(typeof(LocalRateLimitConfig))]
public sealed partial class LimitsJson : JsonSerializerContext;
