using Outrider.Filters;

namespace Outrider.Bench.Modules;

/// <summary>Is called, and lets everything pass.</summary>
[StreamFilter("noop")]
public sealed class NoopFilter : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream) => FilterAction.Continue;

    /// <inheritdoc/>
    public override bool TryReset() => true;
}
