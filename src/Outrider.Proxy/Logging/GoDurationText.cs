using System.Buffers.Text;

namespace Outrider.Proxy.Logging;

/// <summary>Writes durations as Go's <c>time.Duration</c> does: <c>0s</c>, <c>15µs</c>, <c>1.234ms</c>, <c>1m2.5s</c>. Any thread.</summary>
internal static class GoDurationText
{
    /// <summary>Bytes that the longest duration takes: <c>-2562047h47m16.854775807s</c> and some.</summary>
    public const int MaxLength = 32;

    /// <summary>Writes a duration.</summary>
    /// <param name="value">The duration; Go's own range is 292 years, what is beyond is cut to that.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>How many bytes it took.</returns>
    public static int Format(TimeSpan value, Span<byte> destination)
    {
        const long NanosecondsPerTick = 100;
        long limit = long.MaxValue / NanosecondsPerTick;
        long nanoseconds = Math.Clamp(value.Ticks, -limit, limit) * NanosecondsPerTick;
        int n = 0;
        if (nanoseconds < 0)
        {
            destination[n++] = (byte)'-';
            nanoseconds = -nanoseconds;
        }

        const long Second = 1_000_000_000;
        switch (nanoseconds)
        {
            case 0:
                return Append("0s"u8, destination, 0);
            case < 1_000:
                return Append("ns"u8, destination, Number(nanoseconds, destination, n));
            case < 1_000_000:
                return Append("µs"u8, destination, Decimal(nanoseconds, 1_000, destination, n));
            case < Second:
                return Append("ms"u8, destination, Decimal(nanoseconds, 1_000_000, destination, n));
        }

        long minutes = nanoseconds / (60 * Second);
        if (minutes >= 60)
        {
            n = Append("h"u8, destination, Number(minutes / 60, destination, n));
        }

        if (minutes > 0)
        {
            n = Append("m"u8, destination, Number(minutes % 60, destination, n));
        }

        return Append("s"u8, destination, Decimal(nanoseconds % (60 * Second), Second, destination, n));
    }

    private static int Append(ReadOnlySpan<byte> text, Span<byte> destination, int at)
    {
        text.CopyTo(destination[at..]);
        return at + text.Length;
    }

    private static int Number(long value, Span<byte> destination, int at)
    {
        _ = Utf8Formatter.TryFormat(value, destination[at..], out int written);
        return at + written;
    }

    private static int Decimal(long value, long unit, Span<byte> destination, int at)
    {
        at = Number(value / unit, destination, at);
        long rest = value % unit;
        if (rest == 0)
        {
            return at;
        }

        destination[at++] = (byte)'.';
        while (rest > 0)
        {
            unit /= 10;
            destination[at++] = (byte)('0' + rest / unit);
            rest %= unit;
        }

        return at;
    }
}
