using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Compression;

/// <summary>MOSN's <c>gzip</c>: <c>{ "gzip_level": 6, "content_length": 1024, "content_types": [ "text/html" ] }</c>, and what is ours beside it.</summary>
public sealed class GzipConfig : IValidatable, IMetricsUser
{
    private HashSet<string> _types = [];

    /// <summary>How hard to try, 1 (fast) to 9 (small); of Brotli and Zstandard the level that takes about as long. Default, and in place of 0: 6.</summary>
    [Range(0, 9)]
    public int GzipLevel { get; set; }

    /// <summary>Bytes that a response must have at least; one whose length is not known beforehand is compressed. Default 0.</summary>
    [Range(0, double.MaxValue)]
    public long ContentLength { get; set; }

    /// <summary>Which kinds of content, without parameters and case; <c>text/*</c> for all of a kind. Default <c>text/html</c>, as MOSN's.</summary>
    public string[]? ContentTypes { get; set; }

    /// <summary>Ours: the codings that are offered, the favourite first: where a client likes several equally, the first of these is taken. <c>br</c>, <c>zstd</c> and <c>gzip</c>. Default <c>gzip</c>.</summary>
    [ItemCount(1)]
    [AllowedValues("gzip", "br", "zstd")]
    public string[] Encodings { get; set; } = ["gzip"];

    /// <summary>Ours: leaves responses as they are, for a route. Default false.</summary>
    public bool Disable { get; set; }

    [JsonIgnore]
    internal ContentCoding[] Codings { get; private set; } = [];

    [JsonIgnore]
    internal FilterCounter Compressed { get; private set; } = null!;

    [JsonIgnore]
    internal FilterCounter BytesIn { get; private set; } = null!;

    [JsonIgnore]
    internal FilterCounter BytesOut { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        GzipLevel = GzipLevel == 0 ? 6 : GzipLevel;
        _types = (ContentTypes ?? ["text/html"]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Codings = [.. Encodings.Select(static name => name switch
        {
            "br" => ContentCoding.Brotli,
            "zstd" => ContentCoding.Zstandard,
            _ => ContentCoding.Gzip,
        })];
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Compressed = metrics.CreateCounter("compressed", "encoding");
        BytesIn = metrics.CreateCounter("uncompressed_bytes");
        BytesOut = metrics.CreateCounter("compressed_bytes");
    }

    /// <summary>Is content of that type compressed?</summary>
    internal bool Takes(string contentType)
    {
        int end = contentType.IndexOf(';', StringComparison.Ordinal);
        string type = (end < 0 ? contentType : contentType[..end]).Trim();
        int slash = type.IndexOf('/', StringComparison.Ordinal);
        return type.Length > 0 && (_types.Contains(type) || slash > 0 && _types.Contains(type[..(slash + 1)] + "*"));
    }
}
