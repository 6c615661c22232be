using System.Text.Json.Serialization;

namespace Outrider.Plugins.Agent;

/// <summary>Reads the configuration. A key that is not known is an error, as for any filter's configuration that we read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AgentConfig))]
internal sealed partial class AgentJson : JsonSerializerContext;
