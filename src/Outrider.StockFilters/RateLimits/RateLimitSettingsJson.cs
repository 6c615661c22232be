using System.Text.Json.Serialization;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Reads the messages without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(RateLimitSettings))]
[JsonSerializable(typeof(RateLimitRouteSettings))]
internal sealed partial class RateLimitSettingsJson : JsonSerializerContext;
