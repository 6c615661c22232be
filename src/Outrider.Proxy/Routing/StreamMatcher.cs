using Outrider.Configuration.Model;
using Outrider.Expressions;
using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Proxy.Routing;

/// <summary>What a route asks of a stream's variables, or by expressions. Immutable; any thread.</summary>
internal sealed class StreamMatcher
{
    private readonly VariableMatchConfiguration[] _variables;
    private readonly Expression[] _expressions;

    private StreamMatcher(RouteMatchConfiguration configuration)
    {
        _variables = [.. configuration.Variables];
        _expressions = [.. configuration.Expressions];
    }

    /// <summary>The matcher; null where the route asks nothing of the kind.</summary>
    public static StreamMatcher? Create(RouteMatchConfiguration configuration)
        => configuration.Variables.Count + configuration.Expressions.Count == 0 ? null : new StreamMatcher(configuration);

    /// <summary>Does the stream match? An expression that cannot be evaluated is not true.</summary>
    public bool Matches(StreamContext stream)
    {
        foreach (var expression in _expressions)
        {
            if (expression.Evaluate(stream) is not { Kind: ValueKind.Flag, Flag: true })
            {
                return false;
            }
        }

        return _variables.Length == 0 || MatchesVariables(stream);
    }

    // MOSN's rule: from left to right, without precedence; what matches and says "or" decides.
    private bool MatchesVariables(StreamContext stream)
    {
        bool matches = true, isOr = false;
        foreach (var variable in _variables)
        {
            string value = stream.GetVariable(variable.Name)?.ToString() ?? "";
            bool step = variable.Regex?.IsMatch(value) ?? value == variable.Value;
            matches = isOr ? step : matches && step;
            if (matches && variable.OrNext)
            {
                return true;
            }

            isOr = variable.OrNext;
        }

        return matches;
    }
}
