using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Evaluation;

/// <summary>Is an attribute, or an entry of a map, there (<c>has(a.b)</c>)? Anything else always is.</summary>
internal sealed class PresenceNode(Node what) : Node(ValueKind.Flag)
{
    internal override Value Evaluate(StreamContext stream) => Value.Of(what switch
    {
        AttributeNode attribute => attribute.IsSet(stream),
        EntryNode entry => entry.IsSet(stream),
        _ => true,
    });
}
