using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Faults;

/// <summary>How many requests wait, and for how long.</summary>
public sealed class FaultDelayConfig
{
    /// <summary>Per cent of the requests, 0 to 100. Default 0.</summary>
    [Range(0, 100)]
    public int Percentage { get; set; }

    /// <summary>How long, in Go's text. The listener's <c>filter_timeout</c> (a minute) must be longer. Default 0.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    [DurationRange("0s")]
    public TimeSpan FixedDelay { get; set; }
}
