using Outrider.Filters;

namespace OutriderFilter1;

/// <summary>Lets a request pass that carries the header of the configuration with its value; answers others with 403.</summary>
[StreamFilter("outrider-filter-name", JsonContext = typeof(FilterJson))]
public sealed class Filter(FilterConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        => headers.Has(config.HeaderBytes, config.ValueBytes) ? FilterAction.Continue : Reply(403, $"{config.Header} is missing or wrong");

    /// <summary>
    /// The filter keeps nothing of a stream, so it can serve the next one as it is. Leave this out where you keep something, or
    /// start work that you do not await: what it reaches then would be the next client's.
    /// </summary>
    public override bool TryReset() => true;
}
