using Outrider.Filters;

namespace Outrider.Bench.Module;

/// <summary>Sets one header each way.</summary>
[StreamFilter("header")]
public sealed class HeaderFilter : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        headers.Set("x-bench-request"u8, "1"u8);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        headers.Set("x-bench-response"u8, "1"u8);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override bool TryReset() => true;
}
