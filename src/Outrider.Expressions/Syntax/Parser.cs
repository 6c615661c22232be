using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Syntax;

/// <summary>Reads an expression by Go's grammar and precedence, as MOSN's translation does (<c>pkg/cel/cexl</c>).</summary>
internal sealed class Parser
{
    // Deeper than anybody writes, and far from the end of the stack.
    private const int MaxDepth = 200;

    private readonly Tokenizer _tokens;
    private int _depth;

    internal Parser(string text)
    {
        _tokens = new Tokenizer(text);
        _tokens.Move();
    }

    internal SyntaxNode Parse()
    {
        var node = Binary(1);
        return _tokens.IsEnd ? node : throw Unexpected();
    }

    private static int Precedence(string word) => word switch
    {
        "||" => 1,
        "&&" => 2,
        "==" or "!=" or "<" or "<=" or ">" or ">=" => 3,
        "+" or "-" or "|" => 4,
        "*" or "/" or "%" => 5,
        _ => 0,
    };

    private SyntaxNode Binary(int least)
    {
        if (++_depth > MaxDepth)
        {
            throw Tokenizer.Wrong(_tokens.At, "it is nested too deeply");
        }

        var left = Unary();
        while (!_tokens.IsName && Precedence(_tokens.Word) is var precedence && precedence >= least)
        {
            (string word, int at) = (_tokens.Word, _tokens.At);
            _tokens.Move();
            var right = Binary(precedence + 1);
            left = word == "|" ? Pick(at, left, right) : new BinarySyntax(at, word, left, right);
        }

        _depth--;
        return left;
    }

    // (a | b) | c is one pick of three.
    private static CallSyntax Pick(int at, SyntaxNode left, SyntaxNode right)
    {
        IEnumerable<SyntaxNode> Parts(SyntaxNode node) => node is CallSyntax { Target: null, Function: "pick" } pick ? pick.Arguments : [node];
        return new CallSyntax(at, null, "pick", [.. Parts(left), .. Parts(right)]);
    }

    private SyntaxNode Unary()
    {
        if (!_tokens.IsName && _tokens.Word is "!" or "-" or "+")
        {
            (string word, int at) = (_tokens.Word, _tokens.At);
            _tokens.Move();
            if (++_depth > MaxDepth)
            {
                throw Tokenizer.Wrong(at, "it is nested too deeply");
            }

            var operand = Unary();
            _depth--;
            return word == "+" ? operand : new UnarySyntax(at, word, operand);
        }

        return Postfix(Operand());
    }

    private SyntaxNode Operand()
    {
        int at = _tokens.At;
        if (_tokens.Literal is { } literal)
        {
            _tokens.Move();
            return new LiteralSyntax(at, literal.Kind == ValueKind.Text && GoDuration.TryParse(literal.Text, out var duration) ? Value.Of(duration) : literal);
        }

        if (_tokens.IsName)
        {
            string name = _tokens.Word;
            _tokens.Move();
            return name is "true" or "false" ? new LiteralSyntax(at, Value.Of(name == "true")) : new NameSyntax(at, name);
        }

        if (_tokens.Word == "(")
        {
            _tokens.Move();
            var inner = Binary(1);
            Expect(")");
            return inner;
        }

        throw Unexpected();
    }

    private SyntaxNode Postfix(SyntaxNode node)
    {
        while (true)
        {
            int at = _tokens.At;
            switch (_tokens.IsName ? "" : _tokens.Word)
            {
                case ".":
                    _tokens.Move();
                    string field = _tokens.IsName ? _tokens.Word : throw Unexpected();
                    _tokens.Move();
                    node = new SelectSyntax(at, node, field);
                    break;
                case "[":
                    _tokens.Move();
                    var index = Binary(1);
                    Expect("]");
                    node = new IndexSyntax(at, node, index);
                    break;
                case "(":
                    _tokens.Move();
                    var arguments = Arguments();
                    node = node switch
                    {
                        NameSyntax name => new CallSyntax(name.At, null, name.Name, arguments),
                        SelectSyntax select => new CallSyntax(select.At, select.Operand, select.Field, arguments),
                        _ => throw Tokenizer.Wrong(at, "this is no function"),
                    };
                    break;
                default:
                    return node;
            }
        }
    }

    private List<SyntaxNode> Arguments()
    {
        List<SyntaxNode> arguments = [];
        while (_tokens.Word != ")" || _tokens.IsName)
        {
            arguments.Add(Binary(1));
            if (_tokens.Word != ",")
            {
                break;
            }

            _tokens.Move();
        }

        Expect(")");
        return arguments;
    }

    private void Expect(string word)
    {
        if (_tokens.IsName || _tokens.Word != word)
        {
            throw Tokenizer.Wrong(_tokens.At, $"wanted '{word}'");
        }

        _tokens.Move();
    }

    private FormatException Unexpected()
        => Tokenizer.Wrong(_tokens.At, _tokens.IsEnd ? "something is missing at the end" : $"unexpected '{(_tokens.Literal is { } value ? value.ToString() : _tokens.Word)}'");
}
