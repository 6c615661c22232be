using System.Text.Json.Serialization;

namespace Outrider.Samples.EnvoyStreaming;

/// <summary>Reads the configuration without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(RewriteConfig))]
public sealed partial class RewriteJson : JsonSerializerContext;
