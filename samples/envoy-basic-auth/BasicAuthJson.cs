using System.Text.Json.Serialization;

namespace Outrider.Samples.EnvoyBasicAuth;

/// <summary>Reads the configuration without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(BasicAuthConfig))]
public sealed partial class BasicAuthJson : JsonSerializerContext;
