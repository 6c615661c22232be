using Outrider.Filters;

namespace Outrider.StockFilters.Mutation;

/// <summary>Adds, sets and removes headers of requests and responses, the route's changes after the listener's: Envoy's <c>header_mutation</c>.</summary>
[StreamFilter("header_mutation", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(MutationJson))]
public sealed class HeaderMutationFilter(HeaderMutationConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        Apply(config.ForRequests, headers);
        if (Stream.RouteConfiguration is HeaderMutationConfig route)
        {
            Apply(route.ForRequests, headers);
        }

        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        Apply(config.ForResponses, headers);
        if (Stream.RouteConfiguration is HeaderMutationConfig route)
        {
            Apply(route.ForResponses, headers);
        }

        return FilterAction.Continue;
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;

    private static void Apply(MutationConfig[] mutations, HeaderMap headers)
    {
        foreach (var mutation in mutations)
        {
            mutation.Apply(headers);
        }
    }
}
