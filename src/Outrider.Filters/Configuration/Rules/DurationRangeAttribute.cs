using System.Text.Json.Nodes;

namespace Outrider.Filters;

/// <summary>How short and how long a duration may be: <c>[DurationRange("1ms", "1h")]</c> on a <see cref="TimeSpan"/>. The bounds belong to it.</summary>
/// <param name="minimum">The shortest, in Go's text; zero is <c>"0"</c>.</param>
/// <param name="maximum">The longest. Default 24 days: what a timer takes.</param>
public sealed class DurationRangeAttribute(string minimum, string maximum = "576h") : ConfigurationRuleAttribute
{
    /// <summary>The shortest.</summary>
    public string Minimum { get; } = minimum;

    /// <summary>The longest.</summary>
    public string Maximum { get; } = maximum;

    /// <inheritdoc/>
    public override string? Check(object value)
        => value is not TimeSpan duration ? "[DurationRange] is for a TimeSpan"
            : duration < Parse(Minimum) || duration > Parse(Maximum) ? $"wanted {Minimum} to {Maximum}"
            : null;

    /// <summary>No keyword compares texts; a number is nanoseconds.</summary>
    public override void Describe(JsonObject schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        schema["minimum"] = Nanoseconds(Minimum);
        schema["maximum"] = Nanoseconds(Maximum);
    }

    private static long Nanoseconds(string text) => Parse(text).Ticks * TimeSpan.NanosecondsPerTick;

    private static TimeSpan Parse(string text)
        => GoDuration.TryParse(text, out var duration) ? duration : throw new FilterConfigurationException($"[DurationRange]: '{text}' is no duration such as \"1s\" or \"500ms\"");
}
