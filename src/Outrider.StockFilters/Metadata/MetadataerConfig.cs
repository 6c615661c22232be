using System.Text.Json;
using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Metadata;

/// <summary>A driver and what it is told.</summary>
public sealed class MetadataerConfig
{
    /// <summary>MOSN's <c>meta_data_key</c>: the driver's name: <c>UNIT</c>, <c>IDC</c>, <c>ZONE</c>, or one that an extension registers. Required.</summary>
    [JsonPropertyName("meta_data_key")]
    public string? Driver { get; set; }

    /// <summary>The key of the label in the stream's metadata, by which subsets are chosen. Default: the driver's name in lower case.</summary>
    public string? MetadataKey { get; set; }

    /// <summary>Whether the upstream gets the label in the header <c>x-mosn-on-envoy-&lt;driver&gt;</c>. A client's own is removed either way. Default true.</summary>
    public bool SetHeader { get; set; } = true;

    /// <summary>The driver's configuration. Default <c>{}</c>.</summary>
    public JsonElement Config { get; set; }
}
