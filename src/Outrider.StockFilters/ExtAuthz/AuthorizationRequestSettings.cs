using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>The message <c>AuthorizationRequest</c>.</summary>
internal sealed class AuthorizationRequestSettings
{
    /// <summary>Headers that the service is shown beside <c>authorization</c>.</summary>
    public StringListSettings? AllowedHeaders { get; set; }

    /// <summary>Headers of our own.</summary>
    public HeaderValueSettings[]? HeadersToAdd { get; set; }
}
