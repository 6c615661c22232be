using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Evaluation;

/// <summary>A value that stands in the expression.</summary>
internal sealed class ConstantNode(Value value) : Node(value.Kind)
{
    internal override Value Evaluate(StreamContext stream) => value;
}
