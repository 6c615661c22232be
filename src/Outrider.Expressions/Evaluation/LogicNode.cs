using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Evaluation;

/// <summary><c>a &amp;&amp; b</c>, <c>a || b</c>. As in CEL an error on one side does not matter where the other side decides.</summary>
/// <param name="left">Looked at first.</param>
/// <param name="right">Looked at where the left one does not decide.</param>
/// <param name="decides">The value of one side that is that of both.</param>
internal sealed class LogicNode(Node left, Node right, bool decides) : Node(ValueKind.Flag)
{
    internal override Value Evaluate(StreamContext stream)
    {
        var first = left.Evaluate(stream);
        if (!first.IsError && first.Flag == decides)
        {
            return first;
        }

        var second = right.Evaluate(stream);
        return second.IsError || second.Flag == decides || !first.IsError ? second : first;
    }
}
