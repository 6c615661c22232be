using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Tolerance;

/// <summary>Reads the configuration of <c>fault_tolerance</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FaultToleranceConfig))]
public sealed partial class ToleranceJson : JsonSerializerContext;
