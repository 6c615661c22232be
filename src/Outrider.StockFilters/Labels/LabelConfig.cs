using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.Labels;

/// <summary>A label of the stream's metadata.</summary>
public sealed class LabelConfig
{
    /// <summary>The namespace, Envoy's key. Default, and empty: <c>mosn.lb</c> and <c>envoy.lb</c>, by which subsets are chosen.</summary>
    public string MetadataNamespace { get; set; } = "";

    /// <summary>The key. Required.</summary>
    [Required]
    public string? Key { get; set; }

    /// <summary>The value. Default, and empty: the header's.</summary>
    public string Value { get; set; } = "";

    internal void Validate(string path, bool needsValue)
    {
        if (needsValue && string.IsNullOrEmpty(Value))
        {
            throw new FilterConfigurationException(path + ".value", "a value is needed, as there is no header to take it from");
        }
    }
}
