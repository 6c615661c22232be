using Outrider.Expressions;
using Outrider.Filters;

namespace Outrider.StockFilters.Scripting;

/// <summary>
/// Evaluates expressions (<see cref="Expression"/>) as a request passes: MOSN's <c>pkg/filter/stream/dsl</c>. This part has what comes first and last; in our own engine
/// <see cref="DslPhaseFilter"/>s have what is between.
/// </summary>
[StreamFilter("dsl", JsonContext = typeof(ScriptingJson))]
public sealed class DslFilter(DslConfig config) : StreamFilter
{
    /// <summary>Does it run what is for after the route too, as no other part does?</summary>
    internal bool IsAlone { get; init; }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        Evaluate(Stream, Stream.ConfigurationOr(config).BeforeRoute);
        if (IsAlone)
        {
            Evaluate(Stream, Stream.ConfigurationOr(config).AfterRoute);
        }

        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        Evaluate(Stream, Stream.ConfigurationOr(config).BeforeSend);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override void OnLog() => Evaluate(Stream, Stream.ConfigurationOr(config).AtEnd);

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;

    /// <summary>One that cannot be evaluated does no more than it has done; MOSN says nothing of it, we do where one looks for it.</summary>
    internal static void Evaluate(StreamContext stream, Expression? expression)
    {
        if (expression?.Evaluate(stream) is { IsError: true } error && stream.Log.IsEnabled(StreamLogLevel.Debug))
        {
            stream.Log.Write(StreamLogLevel.Debug, $"{expression.Text}: {error.Text}");
        }
    }
}
