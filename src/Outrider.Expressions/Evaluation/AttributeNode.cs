using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Evaluation;

/// <summary>An attribute of the stream; where the stream has none of it, what MOSN takes in its place.</summary>
/// <param name="kind">The attribute's kind.</param>
/// <param name="find">Finds it; null where the stream has none.</param>
internal sealed class AttributeNode(ValueKind kind, Func<StreamContext, Value?> find) : Node(kind)
{
    internal override Value Evaluate(StreamContext stream) => find(stream) ?? Value.Default(Kind);

    /// <summary>Has the stream one?</summary>
    internal bool IsSet(StreamContext stream) => find(stream) is not null;
}
