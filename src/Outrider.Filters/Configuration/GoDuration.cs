using System.Buffers;
using System.Globalization;

namespace Outrider.Filters;

/// <summary>Durations as Go's <c>time.ParseDuration</c> reads them: <c>1h30m</c>, <c>1.5s</c>, <c>500ms</c>, <c>0</c>. Any thread.</summary>
public static class GoDuration
{
    private const decimal MaxNanoseconds = long.MaxValue;

    private static readonly SearchValues<char> s_number = SearchValues.Create("0123456789.");

    /// <summary>Parses. What is shorter than .NET's 100 ns but not zero becomes 100 ns, since zero often means something else.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">What it says; zero when false is returned.</param>
    /// <returns>False when it is no duration of Go's, or longer than Go's 292 years.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = TimeSpan.Zero;
        ReadOnlySpan<char> rest = text;
        bool negative = rest.StartsWith("-");
        rest = negative || rest.StartsWith("+") ? rest[1..] : rest;
        if (rest is "0")
        {
            return true;
        }

        decimal nanoseconds = 0;
        do
        {
            if (!TryTake(ref rest, out decimal part) || (nanoseconds += part) > MaxNanoseconds)
            {
                return false;
            }
        }
        while (!rest.IsEmpty);

        long ticks = (long)(nanoseconds / TimeSpan.NanosecondsPerTick);
        ticks = ticks == 0 && nanoseconds > 0 ? 1 : ticks;
        duration = TimeSpan.FromTicks(negative ? -ticks : ticks);
        return true;
    }

    // One number and its unit.
    private static bool TryTake(ref ReadOnlySpan<char> rest, out decimal nanoseconds)
    {
        nanoseconds = 0;
        int end = rest.IndexOfAnyExcept(s_number);
        if (end <= 0 || rest[..end].Count('.') > 1 || rest[..end] is "."
            || !decimal.TryParse(rest[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
        {
            return false;
        }

        rest = rest[end..];
        int next = rest.IndexOfAny(s_number);
        ReadOnlySpan<char> unit = next < 0 ? rest : rest[..next];
        decimal factor = unit switch
        {
            "ns" => 1m,
            "us" or "\u00B5s" or "\u03BCs" => 1_000m, // the micro sign and the Greek letter
            "ms" => 1_000_000m,
            "s" => 1_000_000_000m,
            "m" => 60_000_000_000m,
            "h" => 3_600_000_000_000m,
            _ => 0m,
        };
        if (factor == 0 || number > MaxNanoseconds / factor)
        {
            return false;
        }

        nanoseconds = number * factor;
        rest = rest[unit.Length..];
        return true;
    }
}
