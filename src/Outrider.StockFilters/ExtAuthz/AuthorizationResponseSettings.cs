using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>The message <c>AuthorizationResponse</c>: which headers of the service's answer go where.</summary>
internal sealed class AuthorizationResponseSettings
{
    /// <summary>Into the request that goes on, in the place of what is there. Default: none.</summary>
    public StringListSettings? AllowedUpstreamHeaders { get; set; }

    /// <summary>Into the request, beside what is there. Default: none.</summary>
    public StringListSettings? AllowedUpstreamHeadersToAppend { get; set; }

    /// <summary>Into the refusal. Default: all.</summary>
    public StringListSettings? AllowedClientHeaders { get; set; }

    /// <summary>Into the response to a request that passed. Default: none.</summary>
    public StringListSettings? AllowedClientHeadersOnSuccess { get; set; }

    /// <summary>Into the stream's metadata. Default: none.</summary>
    public StringListSettings? DynamicMetadataFromHeaders { get; set; }
}
