using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Evaluation;

/// <summary>A part of an expression whose names and kinds have been looked at.</summary>
/// <param name="kind">Of what kind its value is.</param>
internal abstract class Node(ValueKind kind)
{
    /// <summary>Of what kind its value is, where it has one.</summary>
    internal ValueKind Kind { get; } = kind;

    /// <summary>Its value on a stream, or an error.</summary>
    internal abstract Value Evaluate(StreamContext stream);
}
