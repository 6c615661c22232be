using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The messages <c>Action.MetaData</c> and <c>Action.DynamicMetaData</c>: a text of a namespace's top level.</summary>
internal sealed class MetadataActionSettings
{
    /// <summary>The entry's key. Required.</summary>
    [Required]
    public string DescriptorKey { get; set; } = "";

    /// <summary>Where the value is. Required.</summary>
    [Required]
    public MetadataKeySettings? MetadataKey { get; set; }

    /// <summary>The value where there is none. Default: none.</summary>
    public string DefaultValue { get; set; } = "";

    /// <summary><c>DYNAMIC</c>: the stream's; <c>ROUTE_ENTRY</c>: the route's. Default <c>DYNAMIC</c>.</summary>
    [AllowedValues("DYNAMIC", "ROUTE_ENTRY")]
    public string Source { get; set; } = "DYNAMIC";

    /// <summary>Does a request without the value have the descriptor, without this entry? Default false: it has none.</summary>
    public bool SkipIfAbsent { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal DescriptorStep Compile(string path)
    {
        if (MetadataKey!.Path is not [{ Key.Length: > 0 } only])
        {
            throw new FilterConfigurationException(path + ".metadataKey.path", "wanted one key: objects in metadata cannot be looked into");
        }

        var from = Source == "ROUTE_ENTRY" ? MetadataSource.Route : MetadataSource.Stream;
        string ns = MetadataKey.Key;
        return (in source, descriptor) => source.Stream.Metadata.GetText(ns, only.Key, from) is { Length: > 0 } value ? descriptor.Add(DescriptorKey, value)
            : DefaultValue.Length > 0 ? descriptor.Add(DescriptorKey, DefaultValue)
            : SkipIfAbsent;
    }
}
