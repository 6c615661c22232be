using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Labels;

/// <summary>Reads the configuration of <c>header_to_metadata</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(HeaderToMetadataConfig))]
public sealed partial class LabelsJson : JsonSerializerContext;
