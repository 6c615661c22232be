using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Cors;

/// <summary>Reads the configuration of <c>cors</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CorsConfig))]
public sealed partial class CorsJson : JsonSerializerContext;
