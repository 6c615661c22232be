using System.Text.Json.Serialization;

namespace Outrider.Samples.DemoPlugin;

/// <summary>The filter's configuration.</summary>
public sealed class DemoPluginConfig
{
    /// <summary>The file that the checker is started with, relative to the configuration file. Null: it is started with none.</summary>
    [JsonPropertyName("config_path")]
    public string? ConfigPath { get; init; }
}

/// <summary>Reads the configuration without reflection.</summary>
[JsonSerializable(typeof(DemoPluginConfig))]
public sealed partial class DemoPluginJson : JsonSerializerContext;
