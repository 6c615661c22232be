using System.Text;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.Samples.NginxUidRouting;

/// <summary>MOSN's: <c>{ "metadataers": [ { "meta_data_key": "UNIT", "config": { "unit_key": "uid" } } ] }</c>.</summary>
public sealed class MetadataConfig : IValidatable
{
    /// <summary>Lets every request pass untouched. Default false.</summary>
    public bool Disable { get; set; }

    /// <summary>What makes labels, in their order.</summary>
    public MetadataerConfig[] Metadataers { get; set; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        for (int i = 0; i < Metadataers.Length; i++)
        {
            Metadataers[i].Prepare($"$.metadataers[{i}]");
        }
    }
}

/// <summary>A driver and its configuration.</summary>
public sealed class MetadataerConfig
{
    /// <summary>The driver's name. Required; this sample has <c>UNIT</c>.</summary>
    public string MetaDataKey { get; set; } = "";

    /// <summary>The key of the label in the metadata. Default: the driver's name in lower case.</summary>
    [JsonPropertyName("metadata_key")]
    public string? LabelKey { get; set; }

    /// <summary>What the driver is told.</summary>
    public UnitConfig Config { get; set; } = new();

    internal MetadataDriver Driver { get; private set; } = null!;

    internal string Label { get; private set; } = "";

    /// <summary>The request's header that bears the label, as MOSN on Envoy names it.</summary>
    internal string Header { get; private set; } = "";

    internal void Prepare(string path)
    {
        if (MetaDataKey != "UNIT")
        {
            throw new FilterConfigurationException(path + ".meta_data_key", $"there is no driver '{MetaDataKey}'");
        }

        if (!HeaderSyntax.IsToken(Encoding.UTF8.GetBytes(Config.UnitKey)))
        {
            throw new FilterConfigurationException(path + ".config.unit_key", $"'{Config.UnitKey}' is not a header name");
        }

        Driver = new UnitDriver(Config.UnitKey);
        Label = LabelKey ?? MetaDataKey.ToLowerInvariant();
        Header = "x-mosn-on-envoy-" + MetaDataKey.ToLowerInvariant();
    }
}

/// <summary>What the driver <c>UNIT</c> is told.</summary>
public sealed class UnitConfig
{
    /// <summary>The header with the user's number. Default <c>userid</c>.</summary>
    public string UnitKey { get; set; } = "userid";
}

/// <summary>Reads the configuration without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(MetadataConfig))]
public sealed partial class MetadataJson : JsonSerializerContext;
