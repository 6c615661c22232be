using Outrider.Filters;

namespace Outrider.Bench.Module;

/// <summary>Awaits something that another thread completes.</summary>
[StreamFilter("async")]
public sealed class LaterFilter : StreamFilter
{
    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        await Task.Run(static () => { });
        return FilterAction.Continue;
    }
}
