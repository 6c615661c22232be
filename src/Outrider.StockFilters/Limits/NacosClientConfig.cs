using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Limits;

/// <summary>How a Nacos server is asked. Without effect.</summary>
public sealed class NacosClientConfig
{
    /// <summary>Nacos's <c>TimeoutMs</c>.</summary>
    [JsonPropertyName("TimeoutMs")]
    public ulong TimeoutMs { get; set; }

    /// <summary>Nacos's <c>NamespaceId</c>.</summary>
    [JsonPropertyName("NamespaceId")]
    public string NamespaceId { get; set; } = "";

    /// <summary>Nacos's <c>Endpoint</c>.</summary>
    [JsonPropertyName("Endpoint")]
    public string Endpoint { get; set; } = "";

    /// <summary>Nacos's <c>RegionId</c>.</summary>
    [JsonPropertyName("RegionId")]
    public string RegionId { get; set; } = "";

    /// <summary>Nacos's <c>AccessKey</c>.</summary>
    [JsonPropertyName("AccessKey")]
    public string AccessKey { get; set; } = "";

    /// <summary>Nacos's <c>SecretKey</c>.</summary>
    [JsonPropertyName("SecretKey")]
    public string SecretKey { get; set; } = "";

    /// <summary>Nacos's <c>Username</c>.</summary>
    [JsonPropertyName("Username")]
    public string Username { get; set; } = "";

    /// <summary>Nacos's <c>Password</c>.</summary>
    [JsonPropertyName("Password")]
    public string Password { get; set; } = "";

    /// <summary>Nacos's <c>CacheDir</c>.</summary>
    [JsonPropertyName("CacheDir")]
    public string CacheDir { get; set; } = "";

    /// <summary>Nacos's <c>LogDir</c>.</summary>
    [JsonPropertyName("LogDir")]
    public string LogDir { get; set; } = "";

    /// <summary>Nacos's <c>LogLevel</c>.</summary>
    [JsonPropertyName("LogLevel")]
    public string LogLevel { get; set; } = "";

    /// <summary>Nacos's <c>NotLoadCacheAtStart</c>.</summary>
    [JsonPropertyName("NotLoadCacheAtStart")]
    public bool NotLoadCacheAtStart { get; set; }
}
