using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>The message <c>BufferSettings</c>.</summary>
internal sealed class BufferSettings
{
    /// <summary>Bytes of the body that the service is shown, 1 at least. Required.</summary>
    [Range(1, int.MaxValue)]
    public int MaxRequestBytes { get; set; }

    /// <summary>Does a longer body go on, of which the service sees the beginning? Otherwise 413. Default false.</summary>
    public bool AllowPartialMessage { get; set; }

    /// <summary>Does it stand in <c>raw_body</c>, as bytes that need be no text? Of gRPC. Default false.</summary>
    public bool PackAsBytes { get; set; }
}
