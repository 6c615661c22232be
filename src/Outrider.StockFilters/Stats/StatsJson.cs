using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Stats;

/// <summary>Reads the configuration of <c>istio.stats</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(StatsConfig))]
public sealed partial class StatsJson : JsonSerializerContext;
