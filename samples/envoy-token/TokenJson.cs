using System.Text.Json.Serialization;

namespace Outrider.Samples.EnvoyToken;

/// <summary>Reads the configuration without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TokenConfig))]
public sealed partial class TokenJson : JsonSerializerContext;
