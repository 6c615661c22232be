using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Evaluation;

/// <summary><c>conditional(a, b, c)</c>: b where a is true, else c; the other one is not looked at.</summary>
internal sealed class ConditionalNode(Node condition, Node whenTrue, Node whenFalse) : Node(whenTrue.Kind)
{
    internal override Value Evaluate(StreamContext stream)
    {
        var value = condition.Evaluate(stream);
        return value.IsError ? value : (value.Flag ? whenTrue : whenFalse).Evaluate(stream);
    }
}
