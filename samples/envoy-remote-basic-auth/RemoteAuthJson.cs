using System.Text.Json.Serialization;

namespace Outrider.Samples.EnvoyRemoteBasicAuth;

/// <summary>Reads the configuration, and writes the question, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(RemoteAuthConfig))]
[JsonSerializable(typeof(Credentials))]
public sealed partial class RemoteAuthJson : JsonSerializerContext;
