using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.Limits;

/// <summary>The answer to a request that is refused.</summary>
public sealed class FlowControlActionConfig
{
    /// <summary>The status, 200–599. Default 509, as MOSN's.</summary>
    [Range(200, 599)]
    public int Status { get; set; } = FlowControlConfig.LimitExceeded;

    /// <summary>The text. Default MOSN's.</summary>
    public string? Body { get; set; } = "current request is limited";
}
