using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Jwt;

/// <summary>Reads the message without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(JwtSettings))]
internal sealed partial class JwtSettingsJson : JsonSerializerContext;
