using Outrider.Expressions.Values;

namespace Outrider.Expressions.Binding;

/// <summary>What operators do, by the kinds of their sides: CEL's, which never converts a value by itself.</summary>
internal static class Operators
{
    /// <summary>The operator for these kinds; null where there is none.</summary>
    internal static (ValueKind Result, Func<Value, Value, Value> Call)? Find(string word, ValueKind left, ValueKind right) => word switch
    {
        "==" when left == right && left is not (ValueKind.Map or ValueKind.Stream) => (ValueKind.Flag, static (a, b) => Value.Of(a.IsSame(b))),
        "!=" when left == right && left is not (ValueKind.Map or ValueKind.Stream) => (ValueKind.Flag, static (a, b) => Value.Of(!a.IsSame(b))),
        "<" when IsOrdered(left, right) => (ValueKind.Flag, static (a, b) => Value.Of(a.CompareTo(b) < 0)),
        "<=" when IsOrdered(left, right) => (ValueKind.Flag, static (a, b) => Value.Of(a.CompareTo(b) <= 0)),
        ">" when IsOrdered(left, right) => (ValueKind.Flag, static (a, b) => Value.Of(a.CompareTo(b) > 0)),
        ">=" when IsOrdered(left, right) => (ValueKind.Flag, static (a, b) => Value.Of(a.CompareTo(b) >= 0)),
        "+" => Add(left, right),
        "-" => Subtract(left, right),
        "*" when left == right => left switch
        {
            ValueKind.Integer => (left, static (a, b) => Value.Of(checked(a.Integer * b.Integer))),
            ValueKind.Number => (left, static (a, b) => Value.Of(a.Number * b.Number)),
            _ => null,
        },
        "/" when left == right => left switch
        {
            ValueKind.Integer => (left, static (a, b) => Value.Of(a.Integer / b.Integer)),
            ValueKind.Number => (left, static (a, b) => Value.Of(a.Number / b.Number)),
            _ => null,
        },
        "%" when left == ValueKind.Integer && right == left => (left, static (a, b) => Value.Of(a.Integer % b.Integer)),
        _ => null,
    };

    private static bool IsOrdered(ValueKind left, ValueKind right)
        => left == right && left is ValueKind.Flag or ValueKind.Integer or ValueKind.Number or ValueKind.Text or ValueKind.Duration or ValueKind.Time;

    private static (ValueKind, Func<Value, Value, Value>)? Add(ValueKind left, ValueKind right) => (left, right) switch
    {
        (ValueKind.Integer, ValueKind.Integer) => (left, static (a, b) => Value.Of(checked(a.Integer + b.Integer))),
        (ValueKind.Number, ValueKind.Number) => (left, static (a, b) => Value.Of(a.Number + b.Number)),
        (ValueKind.Text, ValueKind.Text) => (left, static (a, b) => Value.Of(a.Text + b.Text)),
        (ValueKind.Duration, ValueKind.Duration) => (left, static (a, b) => Value.Of(a.Duration + b.Duration)),
        (ValueKind.Time, ValueKind.Duration) => (left, static (a, b) => Value.Of(a.Time + b.Duration)),
        (ValueKind.Duration, ValueKind.Time) => (right, static (a, b) => Value.Of(b.Time + a.Duration)),
        _ => null,
    };

    private static (ValueKind, Func<Value, Value, Value>)? Subtract(ValueKind left, ValueKind right) => (left, right) switch
    {
        (ValueKind.Integer, ValueKind.Integer) => (left, static (a, b) => Value.Of(checked(a.Integer - b.Integer))),
        (ValueKind.Number, ValueKind.Number) => (left, static (a, b) => Value.Of(a.Number - b.Number)),
        (ValueKind.Duration, ValueKind.Duration) => (left, static (a, b) => Value.Of(a.Duration - b.Duration)),
        (ValueKind.Time, ValueKind.Time) => (ValueKind.Duration, static (a, b) => Value.Of(a.Time - b.Time)),
        (ValueKind.Time, ValueKind.Duration) => (left, static (a, b) => Value.Of(a.Time - b.Duration)),
        _ => null,
    };
}
