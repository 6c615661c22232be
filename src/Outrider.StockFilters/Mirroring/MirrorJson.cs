using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Mirroring;

/// <summary>Reads the configuration of <c>mirror</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(MirrorConfig))]
public sealed partial class MirrorJson : JsonSerializerContext;
