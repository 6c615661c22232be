using System.Text.Json.Serialization;

namespace Outrider.Samples.GrpcFilter;

/// <summary>Reads the configuration without reflection.</summary>
[JsonSerializable(typeof(ApiKeyConfig))]
public sealed partial class ApiKeyJson : JsonSerializerContext;
