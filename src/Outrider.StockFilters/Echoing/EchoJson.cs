using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Echoing;

/// <summary>Reads the configuration of <c>echo</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(EchoConfig))]
public sealed partial class EchoJson : JsonSerializerContext;
