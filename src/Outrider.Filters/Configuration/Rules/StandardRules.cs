using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Outrider.Filters;

/// <summary>
/// What the attributes of <see cref="System.ComponentModel.DataAnnotations"/> ask for that a schema can tell. It is made of what they hold: their own methods would bring
/// type descriptors into modules with a <c>[Range]</c> (0.6 MB of the stock filters' 11.8, measured). Any thread.
/// </summary>
internal static class StandardRules
{
    private static readonly string? s_unsaid = new AllowedValuesAttribute().ErrorMessage;

    /// <summary>Is it one of theirs?</summary>
    internal static bool Is(Attribute rule) => rule is ValidationAttribute;

    /// <summary>Is it for a list as a whole, where it is on one? Otherwise it is for each of its values.</summary>
    internal static bool IsOfList(Attribute rule) => rule is RequiredAttribute or MinLengthAttribute or MaxLengthAttribute or LengthAttribute;

    /// <summary>What is wrong with a value; null for nothing.</summary>
    /// <param name="rule">The attribute.</param>
    /// <param name="name">What the property is called in the configuration.</param>
    /// <param name="value">The value.</param>
    /// <param name="type">Its type.</param>
    internal static string? Check(ValidationAttribute rule, string name, object? value, Type type)
        => Misuse(rule, value, type) ?? (Wrong(rule, value) is not { } wrong ? null : OwnMessage(rule)?.Replace("{0}", name, StringComparison.Ordinal) ?? wrong);

    // What would make the attribute be passed over: for whoever wrote the filter.
    private static string? Misuse(ValidationAttribute rule, object? value, Type type) => rule switch
    {
        RequiredAttribute => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "[Required] says nothing of a value that is never missing: [JsonRequired] does, or a nullable type" : null,
        AllowedValuesAttribute => null,
        RangeAttribute range => value is null || (NumberRange.IsNumber(value) && NumberRange.IsNumber(range.Minimum)) ? null : "[Range] is for numbers, with bounds that are numbers",
        StringLengthAttribute or LengthAttribute or MinLengthAttribute or MaxLengthAttribute => value is null or IEnumerable ? null : "a length is for text and lists",
        _ => $"[{rule.GetType().Name.Replace("Attribute", "", StringComparison.Ordinal)}] is not looked at in a configuration: what it says belongs into Validate(), or into a rule of your own",
    };

    private static string? Wrong(ValidationAttribute rule, object? value) => rule switch
    {
        RequiredAttribute required => value is null || (!required.AllowEmptyStrings && value is string text && string.IsNullOrWhiteSpace(text)) ? "is missing and required" : null,
        AllowedValuesAttribute allowed => allowed.Values.Any(one => AreEqual(one, value)) ? null : $"found {Text(value)}, wanted {List(allowed.Values)}",
        RangeAttribute range => value is null ? null : InRange(range, value),
        StringLengthAttribute length => Length(value, length.MinimumLength, length.MaximumLength),
        LengthAttribute length => Length(value, length.MinimumLength, length.MaximumLength),
        MinLengthAttribute length => Length(value, length.Length, int.MaxValue),
        // As the attribute has it, -1 is whatever a database takes.
        MaxLengthAttribute length => Length(value, 0, length.Length < 0 ? int.MaxValue : length.Length),
        _ => null,
    };

    private static string? InRange(RangeAttribute range, object value)
        => NumberRange.Holds(value, range.Minimum, range.Maximum, range.MinimumIsExclusive, range.MaximumIsExclusive) ? null
            : $"found {Text(value)}, wanted {NumberRange.Describe(NumberRange.Bound(range.Minimum, value.GetType()), NumberRange.Bound(range.Maximum, value.GetType()), range.MinimumIsExclusive, range.MaximumIsExclusive)}";

    private static string? Length(object? value, int minimum, int maximum)
        => value switch
        {
            string text => NumberRange.WrongCount(text.Length, minimum, maximum, " characters"),
            IEnumerable items => NumberRange.WrongCount(NumberRange.Count(items), minimum, maximum),
            _ => null,
        };

    // [AllowedValues] has a message before anybody gives it one.
    private static string? OwnMessage(ValidationAttribute rule) => rule is AllowedValuesAttribute && rule.ErrorMessage == s_unsaid ? null : rule.ErrorMessage;

    // 1 is 1, whatever type the property has.
    private static bool AreEqual(object? one, object? value)
        => NumberRange.IsNumber(one) && NumberRange.IsNumber(value) ? NumberRange.Compare(one!, value!) == 0 : Equals(one, value);

    private static string Text(object? value) => value is string text ? $"\"{text}\"" : Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } other ? other : "null";

    // "a", "b" or "c". An empty text is one that may be there, and not one to ask for.
    private static string List(object?[] values)
    {
        string[] texts = [.. values.Where(static value => value is not (null or "")).Select(Text)];
        return texts.Length < 2 ? string.Concat(texts) : string.Join(", ", texts[..^1]) + " or " + texts[^1];
    }
}
