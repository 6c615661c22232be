using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Rbac;

/// <summary>Reads the messages without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(RbacSettings))]
internal sealed partial class RbacSettingsJson : JsonSerializerContext;
