using Outrider.Expressions.Values;

namespace Outrider.Expressions.Syntax;

#pragma warning disable SA1402 // One line each: together they are the grammar.
/// <summary>Text, a number, true or false.</summary>
internal sealed record LiteralSyntax(int At, Value Value) : SyntaxNode(At);

/// <summary>A name.</summary>
internal sealed record NameSyntax(int At, string Name) : SyntaxNode(At);

/// <summary><c>a.b</c>.</summary>
internal sealed record SelectSyntax(int At, SyntaxNode Operand, string Field) : SyntaxNode(At);

/// <summary><c>a["b"]</c>.</summary>
internal sealed record IndexSyntax(int At, SyntaxNode Operand, SyntaxNode Index) : SyntaxNode(At);

/// <summary><c>f(a, b)</c>, or <c>a.f(b)</c> with a target.</summary>
internal sealed record CallSyntax(int At, SyntaxNode? Target, string Function, IReadOnlyList<SyntaxNode> Arguments) : SyntaxNode(At);

/// <summary><c>!a</c>, <c>-a</c>.</summary>
internal sealed record UnarySyntax(int At, string Operator, SyntaxNode Operand) : SyntaxNode(At);

/// <summary><c>a == b</c> and its like.</summary>
internal sealed record BinarySyntax(int At, string Operator, SyntaxNode Left, SyntaxNode Right) : SyntaxNode(At);
