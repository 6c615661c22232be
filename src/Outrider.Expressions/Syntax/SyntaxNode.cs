namespace Outrider.Expressions.Syntax;

/// <summary>A part of an expression as it is written.</summary>
/// <param name="At">Where it begins, in characters from 0.</param>
internal abstract record SyntaxNode(int At);
