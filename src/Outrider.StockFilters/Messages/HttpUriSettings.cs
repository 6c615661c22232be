using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Messages;

/// <summary>Envoy's <c>HttpUri</c>.</summary>
internal sealed class HttpUriSettings
{
    /// <summary>The address, whose host goes into the request. Required.</summary>
    public string Uri { get; set; } = "";

    /// <summary>The cluster that is asked. Required.</summary>
    [Required]
    public string Cluster { get; set; } = "";

    /// <summary>How long to wait. Default, and in place of 0: 5 s.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan Timeout { get; set; }
}
