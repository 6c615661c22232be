using Outrider.Expressions;
using Outrider.Filters;

namespace Outrider.StockFilters.Scripting;

/// <summary>The part of <c>dsl</c> that acts in a later phase.</summary>
/// <param name="config">The configuration.</param>
/// <param name="find">The phase's expression.</param>
internal sealed class DslPhaseFilter(DslConfig config, Func<DslConfig, Expression?> find) : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        DslFilter.Evaluate(Stream, find(Stream.ConfigurationOr(config)));
        return FilterAction.Continue;
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;
}
