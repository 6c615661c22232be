using System.Text.Json.Serialization;

namespace Outrider.Samples.EnvoyMetadata;

/// <summary>Reads the configuration without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(VersionConfig))]
public sealed partial class VersionJson : JsonSerializerContext;
