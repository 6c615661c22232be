using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Compression;

/// <summary>Reads the configuration of <c>gzip</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(GzipConfig))]
public sealed partial class CompressionJson : JsonSerializerContext;
