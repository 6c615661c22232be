using System.Collections;
using System.Text.Json.Nodes;

namespace Outrider.Filters;

/// <summary>How many values a list, an array or a dictionary has: <c>[ItemCount(1)]</c>. <c>[MinLength]</c> says the same, but not in what is published with NativeAOT.</summary>
/// <param name="minimum">At least so many.</param>
/// <param name="maximum">At most so many. Default: no limit.</param>
public sealed class ItemCountAttribute(int minimum, int maximum = int.MaxValue) : ConfigurationRuleAttribute
{
    /// <summary>At least so many.</summary>
    public int Minimum { get; } = minimum;

    /// <summary>At most so many.</summary>
    public int Maximum { get; } = maximum;

    /// <summary>True.</summary>
    public override bool IsOfList => true;

    /// <inheritdoc/>
    public override string? Check(object value)
        => value is not IEnumerable items ? "[ItemCount] is for a list"
            : NumberRange.WrongCount(NumberRange.Count(items), Minimum, Maximum);

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        bool isArray = !schema.ContainsKey("additionalProperties");
        if (Minimum > 0)
        {
            schema[isArray ? "minItems" : "minProperties"] = Minimum;
        }

        if (Maximum < int.MaxValue)
        {
            schema[isArray ? "maxItems" : "maxProperties"] = Maximum;
        }
    }
}
