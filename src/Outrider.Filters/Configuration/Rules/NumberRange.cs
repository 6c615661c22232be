using System.Collections;
using System.Globalization;

namespace Outrider.Filters;

/// <summary>Numbers from one bound to another, as people are told of them. Any thread.</summary>
internal static class NumberRange
{
    /// <summary>The bounds in words: <c>1 to 10</c>, <c>1 or more</c>, <c>more than 1</c>.</summary>
    /// <param name="minimum">The least; null for none.</param>
    /// <param name="maximum">The greatest; null for none.</param>
    /// <param name="isMinimumOut">Does the least not belong to it?</param>
    /// <param name="isMaximumOut">Does the greatest not?</param>
    internal static string Describe(object? minimum, object? maximum, bool isMinimumOut = false, bool isMaximumOut = false)
    {
        string? least = Text(minimum), most = Text(maximum);
        return (least, most, isMinimumOut, isMaximumOut) switch
        {
            (null, null, _, _) => "a number",
            (_, null, false, _) => least + " or more",
            (_, null, true, _) => "more than " + least,
            (null, _, _, false) => "at most " + most,
            (null, _, _, true) => "less than " + most,
            (_, _, false, false) => $"{least} to {most}",
            _ => $"{(isMinimumOut ? "more than" : "at least")} {least} and {(isMaximumOut ? "less than" : "at most")} {most}",
        };
    }

    /// <summary>Is a number within the bounds?</summary>
    internal static bool Holds(object value, object minimum, object maximum, bool isMinimumOut, bool isMaximumOut)
    {
        int? least = Compare(value, minimum), most = Compare(value, maximum);
        return (least > 0 || (least == 0 && !isMinimumOut)) && (most < 0 || (most == 0 && !isMaximumOut));
    }

    /// <summary>What is wrong with a number of things; null for nothing.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="minimum">At least so many.</param>
    /// <param name="maximum">At most so many; <see cref="int.MaxValue"/>: any number.</param>
    /// <param name="unit">What they are called, behind a blank; empty where that is plain.</param>
    internal static string? WrongCount(int count, int minimum, int maximum, string unit = "")
        => count >= minimum && count <= maximum ? null
            : string.Create(CultureInfo.InvariantCulture, $"found {count}{unit}, wanted {Describe(minimum, Bound(maximum, typeof(int)))}");

    /// <summary>How many values there are.</summary>
    internal static int Count(IEnumerable items) => items is ICollection collection ? collection.Count : items.Cast<object?>().Count();

    /// <summary>Is it a number?</summary>
    internal static bool IsNumber(object? value) => value is sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal;

    /// <summary>A bound; null where it is the end of the numbers of a type, and so none.</summary>
    internal static object? Bound(object bound, Type type)
        => bound is long.MaxValue or long.MinValue or double.MaxValue or double.MinValue or double.PositiveInfinity or double.NegativeInfinity
            || (bound is int.MaxValue or int.MinValue && type == typeof(int)) ? null : bound;

    /// <summary>Which is greater; null where that is not to be said.</summary>
    internal static int? Compare(object one, object other)
    {
        if (one is float or double || other is float or double)
        {
            double first = Convert.ToDouble(one, CultureInfo.InvariantCulture), second = Convert.ToDouble(other, CultureInfo.InvariantCulture);
            return double.IsNaN(first) || double.IsNaN(second) ? null : first.CompareTo(second);
        }

        return Convert.ToDecimal(one, CultureInfo.InvariantCulture).CompareTo(Convert.ToDecimal(other, CultureInfo.InvariantCulture));
    }

    private static string? Text(object? bound) => bound is null ? null : Convert.ToString(bound, CultureInfo.InvariantCulture);
}
