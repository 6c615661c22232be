using Outrider.Expressions.Evaluation;
using Outrider.Expressions.Syntax;
using Outrider.Expressions.Values;

namespace Outrider.Expressions.Binding;

/// <summary>Looks at an expression's names and kinds, and makes what is evaluated.</summary>
internal sealed class Binder
{
    internal Node Bind(SyntaxNode syntax) => syntax switch
    {
        LiteralSyntax literal => new ConstantNode(literal.Value),
        NameSyntax or SelectSyntax when PathOf(syntax) is { } path && Attributes.Find(path) is { } attribute => new AttributeNode(attribute.Kind, attribute.Find),
        NameSyntax name => throw Tokenizer.Wrong(name.At, Attributes.IsBeginning(name.Name) ? $"'{name.Name}' is no value: name one of its attributes" : $"there is no attribute '{name.Name}'"),
        SelectSyntax select => BindSelect(select),
        IndexSyntax index => BindEntry(index.At, Bind(index.Operand), Bind(index.Index)),
        CallSyntax call => BindCall(call),
        UnarySyntax unary => BindUnary(unary),
        BinarySyntax binary => BindBinary(binary),
        _ => throw Tokenizer.Wrong(syntax.At, "this cannot stand here"),
    };

    private static string? PathOf(SyntaxNode syntax) => syntax switch
    {
        NameSyntax name => name.Name,
        SelectSyntax select => PathOf(select.Operand) is { } before ? before + "." + select.Field : null,
        _ => null,
    };

    private EntryNode BindSelect(SelectSyntax select)
    {
        if (PathOf(select) is { } path && (Attributes.IsBeginning(path) || PathOf(select.Operand) is { } parent && Attributes.Find(parent) is null))
        {
            throw Tokenizer.Wrong(select.At, Attributes.IsBeginning(path) ? $"'{path}' is no value: name one of its attributes" : $"there is no attribute '{path}'");
        }

        return BindEntry(select.At, Bind(select.Operand), new ConstantNode(Value.Of(select.Field)));
    }

    private static EntryNode BindEntry(int at, Node map, Node key)
    {
        if (map.Kind != ValueKind.Map || key.Kind != ValueKind.Text)
        {
            throw Tokenizer.Wrong(at, map.Kind != ValueKind.Map ? $"{Say(map.Kind)} has no entries" : $"a key is a text, not {Say(key.Kind)}");
        }

        return new EntryNode(map, key);
    }

    private Node BindCall(CallSyntax call)
    {
        if (call.Target is null)
        {
            switch (call.Function)
            {
                case "conditional":
                    Count(call, 3);
                    return Choose(call.At, Bind(call.Arguments[0]), Bind(call.Arguments[1]), Bind(call.Arguments[2]));
                case "pick":
                    return BindPick(call);
                case "has":
                    Count(call, 1);
                    return new PresenceNode(Bind(call.Arguments[0]));
                default:
                    break;
            }
        }

        Node[] arguments = [.. call.Target is { } target ? [Bind(target)] : Array.Empty<Node>(), .. call.Arguments.Select(Bind)];
        if (Functions.Find(call.Function, [.. arguments.Select(argument => argument.Kind)]) is not { } function)
        {
            throw Tokenizer.Wrong(call.At, Functions.IsKnown(call.Function)
                ? $"'{call.Function}' does not take {(arguments.Length == 0 ? "nothing" : string.Join(", ", arguments.Select(argument => Say(argument.Kind))))}"
                : $"there is no function '{call.Function}'");
        }

        return new CallNode(function.Result, arguments, function.Call);
    }

    // a.f | x and a["f"] | x: x where a has no f. Whatever else stands on the left is always there.
    private Node BindPick(CallSyntax call)
    {
        Node[] choices = [.. call.Arguments.Select(Bind)];
        if (choices.Length == 0)
        {
            throw Tokenizer.Wrong(call.At, "pick wants something to pick from");
        }

        var picked = choices[^1];
        for (int i = choices.Length - 2; i >= 0; i--)
        {
            picked = choices[i] is AttributeNode or EntryNode && call.Arguments[i] is SelectSyntax or IndexSyntax
                ? Choose(call.Arguments[i].At, new PresenceNode(choices[i]), choices[i], picked)
                : choices[i];
        }

        return picked;
    }

    private static ConditionalNode Choose(int at, Node condition, Node whenTrue, Node whenFalse)
    {
        if (condition.Kind != ValueKind.Flag || whenTrue.Kind != whenFalse.Kind)
        {
            throw Tokenizer.Wrong(at, condition.Kind != ValueKind.Flag ? $"the condition is {Say(condition.Kind)}" : $"one way gives {Say(whenTrue.Kind)}, the other {Say(whenFalse.Kind)}");
        }

        return new ConditionalNode(condition, whenTrue, whenFalse);
    }

    private CallNode BindUnary(UnarySyntax unary)
    {
        var operand = Bind(unary.Operand);
        return (unary.Operator, operand.Kind) switch
        {
            ("!", ValueKind.Flag) => new CallNode(ValueKind.Flag, [operand], static (_, v) => Value.Of(!v[0].Flag)),
            ("-", ValueKind.Integer) => new CallNode(ValueKind.Integer, [operand], static (_, v) => Value.Of(checked(-v[0].Integer))),
            ("-", ValueKind.Number) => new CallNode(ValueKind.Number, [operand], static (_, v) => Value.Of(-v[0].Number)),
            _ => throw Tokenizer.Wrong(unary.At, $"'{unary.Operator}' is nothing for {Say(operand.Kind)}"),
        };
    }

    private Node BindBinary(BinarySyntax binary)
    {
        Node left = Bind(binary.Left), right = Bind(binary.Right);
        if (binary.Operator is "&&" or "||" && left.Kind == ValueKind.Flag && right.Kind == ValueKind.Flag)
        {
            return new LogicNode(left, right, decides: binary.Operator == "||");
        }

        if (Operators.Find(binary.Operator, left.Kind, right.Kind) is not { } operation)
        {
            throw Tokenizer.Wrong(binary.At, $"'{binary.Operator}' is nothing for {Say(left.Kind)} and {Say(right.Kind)}");
        }

        return new CallNode(operation.Result, [left, right], (_, v) => operation.Call(v[0], v[1]));
    }

    private static void Count(CallSyntax call, int count)
    {
        if (call.Arguments.Count != count)
        {
            throw Tokenizer.Wrong(call.At, $"'{call.Function}' takes {count}, not {call.Arguments.Count}");
        }
    }

    private static string Say(ValueKind kind) => kind switch
    {
        ValueKind.Flag => "true or false",
        ValueKind.Integer => "a whole number",
        ValueKind.Number => "a number",
        ValueKind.Text => "a text",
        ValueKind.Duration => "a duration",
        ValueKind.Time => "a time",
        ValueKind.Address => "an IP address",
        ValueKind.Uri => "a URI",
        ValueKind.DnsName => "a DNS name",
        ValueKind.Email => "an e-mail address",
        ValueKind.Map => "a map",
        _ => "ctx",
    };
}
