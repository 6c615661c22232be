using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.Stats;

/// <summary>One metric.</summary>
public sealed class MetricDefinition
{
    /// <summary>Its name: letters, digits and underscores. Required.</summary>
    [Required]
    [Pattern(StreamMetric.NamePattern, Wanted = "letters, digits and underscores")]
    public string Name { get; set; } = "";

    /// <summary>An expression of MOSN's language whose value is a number, or a duration, which counts in milliseconds. Required.</summary>
    public string Value { get; set; } = "";

    /// <summary><c>COUNTER</c> (default), <c>GAUGE</c> or <c>HISTOGRAM</c>.</summary>
    [AllowedValues("", "COUNTER", "GAUGE", "HISTOGRAM")]
    public string Type { get; set; } = "";
}
