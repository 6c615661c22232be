using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>RuntimeFractionalPercent</c>, whose default is what holds: there is no runtime.</summary>
internal sealed class RuntimeShareSettings
{
    /// <summary>The share. Required.</summary>
    [Required]
    public ShareSettings? DefaultValue { get; set; }

    /// <summary>A runtime key of Envoy's: without effect.</summary>
    public string RuntimeKey { get; set; } = "";

    /// <summary>The share, 0 to 1.</summary>
    internal double Read() => DefaultValue!.Read();
}
