using System.Text.Json.Serialization;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>Reads the messages without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ExtAuthzSettings))]
internal sealed partial class ExtAuthzSettingsJson : JsonSerializerContext;
