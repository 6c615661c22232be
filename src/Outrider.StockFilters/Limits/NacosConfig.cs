using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Limits;

/// <summary>A Nacos server, as MOSN names it. Without effect.</summary>
public sealed class NacosConfig
{
    /// <summary>The group of rules.</summary>
    [JsonPropertyName("Group")]
    public string Group { get; set; } = "";

    /// <summary>The rules' id.</summary>
    [JsonPropertyName("DataId")]
    public string DataId { get; set; } = "";

    /// <summary>How it is asked.</summary>
    [JsonPropertyName("ClientConfig")]
    public NacosClientConfig? ClientConfig { get; set; }

    /// <summary>Where it is.</summary>
    [JsonPropertyName("ServerConfigs")]
    public NacosServerConfig[]? ServerConfigs { get; set; }
}
