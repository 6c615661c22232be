using System.Text;
using System.Text.Json;
using Outrider.Filters;

namespace Outrider.StockFilters.Metadata;

/// <summary>One use of a driver: the driver's object, and where its labels go. Shared by all loops.</summary>
internal sealed class Metadataer
{
    private readonly bool _caseSensitive;

    // The last label that was not in lower case, and what it is there: drivers mostly give the same few texts.
    private Tuple<string, string> _lastLowered = new("", "");

    private Metadataer(string name, string key, bool setsHeader, bool caseSensitive, IMetadataDriver driver)
    {
        _caseSensitive = caseSensitive;
        Name = name;
        Key = key;
        SetsHeader = setsHeader;
        Driver = driver;
        Header = "x-mosn-on-envoy-" + (caseSensitive ? name : name.ToLowerInvariant());
    }

    /// <summary>The driver's name.</summary>
    internal string Name { get; }

    /// <summary>The label's key in the metadata.</summary>
    internal string Key { get; }

    /// <summary>The request header that bears the label.</summary>
    internal string Header { get; }

    /// <summary>Whether the header is set.</summary>
    internal bool SetsHeader { get; }

    /// <summary>What makes the label.</summary>
    internal IMetadataDriver Driver { get; }

    /// <summary>Makes the driver.</summary>
    /// <exception cref="FilterConfigurationException">There is none of that name, or it does not take its configuration.</exception>
    internal static Metadataer Create(MetadataerConfig? entry, string path, bool caseSensitive, MetadataDriverRegistry drivers, string baseDirectory)
    {
        if (entry?.Driver is not { Length: > 0 } name)
        {
            throw new FilterConfigurationException(path + ".meta_data_key", "a driver's name is needed");
        }

        var create = drivers.Find(name)
            ?? throw new FilterConfigurationException(path + ".meta_data_key", $"there is no metadata driver '{name}'; there are: {string.Join(", ", drivers.Names)}");
        if (!HeaderSyntax.IsToken(Encoding.UTF8.GetBytes(name)))
        {
            throw new FilterConfigurationException(path + ".meta_data_key", $"'{name}' cannot stand in a header's name");
        }

        if (entry.MetadataKey is "")
        {
            throw new FilterConfigurationException(path + ".metadata_key", "a key is needed");
        }

        byte[] config = entry.Config.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? [] : Encoding.UTF8.GetBytes(entry.Config.GetRawText());
        try
        {
            return new Metadataer(name, entry.MetadataKey ?? name.ToLowerInvariant(), entry.SetHeader, caseSensitive, create(new FilterConfiguration(name, config, baseDirectory)));
        }
        catch (FilterConfigurationException e)
        {
            throw new FilterConfigurationException(path + ".config" + e.Path.TrimStart('$'), e.Message, e);
        }
    }

    /// <summary>The label as it goes into metadata and header.</summary>
    internal string Cased(string label)
    {
        if (_caseSensitive)
        {
            return label;
        }

        var last = _lastLowered;
        if (ReferenceEquals(last.Item1, label))
        {
            return last.Item2;
        }

        string lowered = label.ToLowerInvariant();
        if (!ReferenceEquals(lowered, label))
        {
            _lastLowered = new(label, lowered);
        }

        return lowered;
    }
}
