using Outrider.Filters;

namespace Outrider.Bench.Modules;

/// <summary>Sets one request header and one response header.</summary>
[StreamFilter("header")]
public sealed class HeaderFilter : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        headers.Set("x-request-side"u8, "outrider"u8);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        headers.Set("x-response-side"u8, "outrider"u8);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override bool TryReset() => true;
}
