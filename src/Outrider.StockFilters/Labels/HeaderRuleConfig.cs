using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Labels;

/// <summary>What is done where a request has a header, or where it has none. One of the two is given.</summary>
public sealed class HeaderRuleConfig
{
    /// <summary>The header's name. Required.</summary>
    [Required]
    public string? Header { get; set; }

    /// <summary>The label where it is there; without a <c>value</c> of its own, the header's.</summary>
    public LabelConfig? OnHeaderPresent { get; set; }

    /// <summary>The label where it is not there; its <c>value</c> is needed.</summary>
    public LabelConfig? OnHeaderMissing { get; set; }

    /// <summary>Takes the header out of the request afterwards. Default false.</summary>
    public bool Remove { get; set; }

    [JsonIgnore]
    internal byte[] Name { get; private set; } = [];

    internal void Validate(string path)
    {
        Name = Remove ? HeaderName.ReadWritable(path + ".header", Header) : HeaderName.Read(path + ".header", Header);
        if (OnHeaderPresent is null == OnHeaderMissing is null)
        {
            throw new FilterConfigurationException(path, "wanted either \"on_header_present\" or \"on_header_missing\"");
        }

        (OnHeaderPresent ?? OnHeaderMissing)!.Validate(path + (OnHeaderPresent is null ? ".on_header_missing" : ".on_header_present"), needsValue: OnHeaderPresent is null);
    }
}
