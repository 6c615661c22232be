using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Transcoding;

/// <summary>Reads the configuration of <c>transcoder</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TranscoderConfig))]
public sealed partial class TranscodingJson : JsonSerializerContext;
