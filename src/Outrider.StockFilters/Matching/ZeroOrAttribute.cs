using System.Globalization;
using System.Text.Json.Nodes;
using Outrider.Filters;

namespace Outrider.StockFilters.Matching;

/// <summary>0, which stands for a key's default as in MOSN's files, or a number within bounds.</summary>
/// <param name="minimum">The least beside 0.</param>
/// <param name="maximum">The greatest; <see cref="double.MaxValue"/> for none.</param>
internal sealed class ZeroOrAttribute(double minimum, double maximum) : ConfigurationRuleAttribute
{
    /// <summary>Does the least itself not belong to it? Default false.</summary>
    public bool IsMinimumOut { get; init; }

    /// <inheritdoc/>
    public override string? Check(object value)
    {
        double number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        return number == 0 || ((IsMinimumOut ? number > minimum : number >= minimum) && number <= maximum) ? null
            : string.Create(CultureInfo.InvariantCulture, $"found {value}, wanted {(IsMinimumOut ? "more than " : "")}{minimum}{(maximum < double.MaxValue ? $" to {maximum}" : "")}, or 0 for the default");
    }

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        var within = new JsonObject { [IsMinimumOut ? "exclusiveMinimum" : "minimum"] = minimum };
        if (maximum < double.MaxValue)
        {
            within["maximum"] = maximum;
        }

        schema["anyOf"] = new JsonArray(new JsonObject { ["const"] = 0 }, within);
    }
}
