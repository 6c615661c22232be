using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Limits;

/// <summary>Where a Nacos server is. Without effect.</summary>
public sealed class NacosServerConfig
{
    /// <summary>Nacos's <c>Scheme</c>.</summary>
    [JsonPropertyName("Scheme")]
    public string Scheme { get; set; } = "";

    /// <summary>Nacos's <c>ContextPath</c>.</summary>
    [JsonPropertyName("ContextPath")]
    public string ContextPath { get; set; } = "";

    /// <summary>Nacos's <c>IpAddr</c>.</summary>
    [JsonPropertyName("IpAddr")]
    public string IpAddr { get; set; } = "";

    /// <summary>Nacos's <c>Port</c>.</summary>
    [JsonPropertyName("Port")]
    public ushort Port { get; set; }
}
