using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.Mutation;

/// <summary>A header's name and value.</summary>
public sealed class HeaderValueConfig
{
    /// <summary>The name. Required.</summary>
    [Required]
    public string? Key { get; set; }

    /// <summary>The value, which goes out as UTF-8. Default empty.</summary>
    public string? Value { get; set; }
}
