using Outrider.Filters;

namespace Outrider.StockFilters.Echoing;

/// <summary>Answers every request with what its configuration says: MOSN's <c>pkg/networkextention/l7/stream/filter/echo</c>.</summary>
[StreamFilter("echo", JsonContext = typeof(EchoJson))]
public sealed class EchoFilter(EchoConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        => Stream.ConfigurationOr(config).Answer is { } answer ? Reply(answer) : FilterAction.Continue;

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;
}
