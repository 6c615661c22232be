using Outrider.Filters;

namespace Outrider.Bench.Module;

/// <summary>Looks at both heads and does nothing.</summary>
[StreamFilter("no-op")]
public sealed class NoOpFilter : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream) => FilterAction.Continue;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream) => FilterAction.Continue;

    /// <inheritdoc/>
    public override bool TryReset() => true;
}
