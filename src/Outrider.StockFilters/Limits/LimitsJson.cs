using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Limits;

/// <summary>Reads the configurations of <c>payload_limit</c> and <c>flowControlFilter</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(PayloadLimitConfig))]
[JsonSerializable(typeof(FlowControlConfig))]
public sealed partial class LimitsJson : JsonSerializerContext;
