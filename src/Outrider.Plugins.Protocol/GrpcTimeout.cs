using System.Globalization;

namespace Outrider.Plugins.Protocol;

/// <summary>The <c>grpc-timeout</c> header: at most eight digits and a unit (grpc/grpc, doc/PROTOCOL-HTTP2.md).</summary>
public static class GrpcTimeout
{
    private const long MaxDigits = 99_999_999;

    /// <summary>Writes a time; less than a microsecond is one.</summary>
    public static string Format(TimeSpan time)
    {
        long microseconds = Math.Max(1, (long)time.TotalMicroseconds);
        return microseconds <= MaxDigits ? string.Create(CultureInfo.InvariantCulture, $"{microseconds}u")
            : microseconds / 1000 <= MaxDigits ? string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1000}m")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Min(microseconds / 1_000_000, MaxDigits)}S");
    }

    /// <summary>Reads a time.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        ArgumentNullException.ThrowIfNull(text);
        time = default;
        if (text.Length is < 2 or > 9 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return false;
        }

        double seconds = text[^1] switch { 'H' => 3600, 'M' => 60, 'S' => 1, 'm' => 1e-3, 'u' => 1e-6, 'n' => 1e-9, _ => 0 };
        time = TimeSpan.FromSeconds(number * seconds);
        return seconds > 0;
    }
}
