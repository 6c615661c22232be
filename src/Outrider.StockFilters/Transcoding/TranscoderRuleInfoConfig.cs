using System.Text.Json;

namespace Outrider.StockFilters.Transcoding;

/// <summary>MOSN's <c>RuleInfo</c>.</summary>
public sealed class TranscoderRuleInfoConfig
{
    /// <summary>Ours: the transcoder's name. Default, as in MOSN: the client's protocol (<c>Http1</c>, <c>Http2</c>), an underscore and <see cref="UpstreamProtocol"/>.</summary>
    public string Type { get; set; } = "";

    /// <summary>What the transcoder makes of it: a part of its name. What upstreams are spoken to in is the route's <c>upstream_protocol</c>.</summary>
    public string UpstreamProtocol { get; set; } = "";

    /// <summary>Says what it is, to people.</summary>
    public string Description { get; set; } = "";

    /// <summary>What the transcoder is told.</summary>
    public JsonElement? Config { get; set; }
}
