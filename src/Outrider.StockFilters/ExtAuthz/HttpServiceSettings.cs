using System.ComponentModel.DataAnnotations;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>The message <c>HttpService</c>.</summary>
internal sealed class HttpServiceSettings
{
    /// <summary>Who is asked. Required.</summary>
    [Required]
    public HttpUriSettings? ServerUri { get; set; }

    /// <summary>Stands before the request's own path. Default: nothing.</summary>
    public string PathPrefix { get; set; } = "";

    /// <summary>What it is shown.</summary>
    public AuthorizationRequestSettings? AuthorizationRequest { get; set; }

    /// <summary>What becomes of its answer.</summary>
    public AuthorizationResponseSettings? AuthorizationResponse { get; set; }
}
