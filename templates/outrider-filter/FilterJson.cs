using System.Text.Json.Serialization;

namespace OutriderFilter1;

/// <summary>Reads the configuration without reflection, which a native module does not have.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FilterConfig))]
public sealed partial class FilterJson : JsonSerializerContext;
