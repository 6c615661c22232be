using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Scripting;

/// <summary>Reads the configuration of <c>dsl</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(DslConfig))]
public sealed partial class ScriptingJson : JsonSerializerContext;
