using Outrider.Expressions.Binding;
using Outrider.Expressions.Evaluation;
using Outrider.Expressions.Syntax;
using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions;

/// <summary>
/// An expression in MOSN's CEXL (<c>pkg/cel</c>): Go's syntax of expressions, in which <c>a | b</c> is a, or b where a is not there, and a text that is a
/// duration is one; over attributes such as <c>request.host</c>, with the effects of <c>ctx</c>. Immutable; any thread.
/// </summary>
public sealed class Expression
{
    private readonly Node _root;

    private Expression(string text, Node root)
    {
        Text = text;
        _root = root;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Of what kind its value is.</summary>
    public ValueKind Kind => _root.Kind;

    /// <summary>Reads an expression; names and kinds are looked at once, here.</summary>
    /// <exception cref="FormatException">It cannot be read, names what there is not, or mixes what cannot be mixed; the message says what and where.</exception>
    public static Expression Compile(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new Expression(text, new Binder().Bind(new Parser(text).Parse()));
    }

    /// <summary>What it is on that stream, whose loop calls. Its effects have happened then. Never throws: what fails gives an error.</summary>
    public Value Evaluate(StreamContext stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return _root.Evaluate(stream);
    }
}
