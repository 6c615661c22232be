using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>The same, and sees every piece of the bodies.</summary>
[StreamFilter("seen-boundaries")]
public sealed class SeenBoundariesFilter : BoundariesFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream) => PassAsync();

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream) => PassAsync();

    private async ValueTask<FilterAction> PassAsync()
    {
        await PauseAsync();
        return FilterAction.Continue;
    }
}
