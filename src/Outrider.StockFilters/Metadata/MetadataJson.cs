using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Metadata;

/// <summary>Reads the configuration of <c>metadata</c> and its drivers without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(MetadataConfig))]
[JsonSerializable(typeof(UnitConfig))]
[JsonSerializable(typeof(IdcConfig))]
[JsonSerializable(typeof(ZoneConfig))]
public sealed partial class MetadataJson : JsonSerializerContext;
