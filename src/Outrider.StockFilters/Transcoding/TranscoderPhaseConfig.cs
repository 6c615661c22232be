using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.Transcoding;

/// <summary>MOSN's <c>trans</c>.</summary>
public sealed class TranscoderPhaseConfig
{
    /// <summary>0: before the route; 1: behind it; 2: behind the choice of a host. Default 1.</summary>
    [Range(0, 2, ErrorMessage = "wanted 0 (before the route), 1 (behind it) or 2 (behind the choice of a host)")]
    public int ReceiverPhase { get; set; } = 1;
}
