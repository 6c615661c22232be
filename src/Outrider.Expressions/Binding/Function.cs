using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Binding;

/// <summary>A function for values of certain kinds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">The kinds of its arguments; where it is called on something, that is the first.</param>
/// <param name="Result">The kind of its value.</param>
/// <param name="Call">What it does.</param>
internal sealed record Function(string Name, ValueKind[] Arguments, ValueKind Result, Func<StreamContext, Value[], Value> Call);
