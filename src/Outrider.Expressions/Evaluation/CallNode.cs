using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Evaluation;

/// <summary>A function, or an operator, of values.</summary>
/// <param name="kind">Of what kind its value is.</param>
/// <param name="arguments">Evaluated in their order; an error of one is the call's.</param>
/// <param name="call">What it does.</param>
internal sealed class CallNode(ValueKind kind, Node[] arguments, Func<StreamContext, Value[], Value> call) : Node(kind)
{
    internal override Value Evaluate(StreamContext stream)
    {
        var values = new Value[arguments.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i].Evaluate(stream);
            if (values[i].IsError)
            {
                return values[i];
            }
        }

        try
        {
            return call(stream, values);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or OverflowException or DivideByZeroException)
        {
            return Value.Error(e.Message);
        }
    }
}
