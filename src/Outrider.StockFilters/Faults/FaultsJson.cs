using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Faults;

/// <summary>Reads the configuration of <c>fault</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FaultConfig))]
public sealed partial class FaultsJson : JsonSerializerContext;
