namespace Outrider.Proxy.Logging;

/// <summary>
/// UTC to local time for logs. The offset is looked up once a minute and thread: the lookup costs more than the rest of a line.
/// (Clocks change at full minutes.)
/// </summary>
internal static class LocalClock
{
    [ThreadStatic]
    private static long t_minute;

    [ThreadStatic]
    private static long t_offset;

    /// <summary>Local time, of the kind that has no kind.</summary>
    public static DateTime FromUtc(DateTime utc)
    {
        long minute = utc.Ticks / TimeSpan.TicksPerMinute;
        if (minute != t_minute)
        {
            t_offset = TimeZoneInfo.Local.GetUtcOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)).Ticks;
            t_minute = minute;
        }

        return new DateTime(Math.Clamp(utc.Ticks + t_offset, 0, DateTime.MaxValue.Ticks));
    }
}
