namespace Outrider.Proxy.Logging.AccessLog;

/// <summary>
/// One loop's side of one access log: makes a line of each stream that ends and queues it. Belongs to its loop; allocates and locks
/// nothing.
/// </summary>
internal sealed class AccessLogWriter
{
    // A line that is longer is cut. Twice the longest request line that the listener's defaults allow, and room for some headers.
    private const int MaxLineLength = 32 * 1024;

    [ThreadStatic]
    private static byte[]? t_buffer;

    private readonly AccessLogFormat _format;
    private readonly LogLane _lane;

    /// <summary>Makes a writer.</summary>
    /// <param name="format">What a line shows.</param>
    /// <param name="lane">The loop's way into the file. The writer owns it.</param>
    public AccessLogWriter(AccessLogFormat format, LogLane lane)
    {
        _format = format;
        _lane = lane;
    }

    /// <summary>Lines that were lost because the disk did not keep up. Any thread.</summary>
    public long Dropped => _lane.Dropped;

    /// <summary>Queues the stream's line. On the loop.</summary>
    public void Write(IAccessLogSource source)
    {
        if (_lane.File.IsEnabled)
        {
            // The first line of a loop makes the buffer for all of its access logs.
            var line = new Utf8Writer(t_buffer ??= new byte[MaxLineLength]);
            var bytes = Format(_format, source, ref line);
            if (line.IsTruncated && _format.Escaping == LogEscaping.Json)
            {
                // Cut anywhere it would not be JSON: each value gets an equal share instead.
                line = new Utf8Writer(t_buffer);
                bytes = Format(_format, source, ref line, share: true);
            }

            _lane.TryWrite(bytes);
        }
    }

    /// <summary>The log is no longer written on this loop; what is queued is still written. On the loop.</summary>
    public void Close() => _lane.Close();

    /// <summary>Writes the line, with its newline.</summary>
    /// <param name="format">What it shows.</param>
    /// <param name="source">Of which stream.</param>
    /// <param name="line">Where to.</param>
    /// <param name="share">Values are cut so that all of them have room.</param>
    internal static ReadOnlySpan<byte> Format(AccessLogFormat format, IAccessLogSource source, ref Utf8Writer line, bool share = false)
    {
        line.Escaping = format.Escaping;
        int most = share ? format.Share(MaxLineLength) : int.MaxValue;
        foreach (ref readonly AccessLogPart part in format.Parts)
        {
            if (part.Text is { } text)
            {
                line.WriteRaw(text);
                continue;
            }

            int start = line.Length;
            bool quoted = part.IsValue && !AccessLogValues.IsBare(part.Variable, part.Argument);
            line.WriteRaw(quoted ? "\""u8 : default);
            if (share)
            {
                line.Limit(most);
            }

            bool there = source.TryWrite(part.Variable, part.Argument, ref line);
            if (share)
            {
                line.Unlimit();
            }

            if (there)
            {
                line.WriteRaw(quoted ? "\""u8 : default);
            }
            else
            {
                line.Rewind(start);
                line.WriteRaw(part.IsValue ? "null"u8 : "-"u8);
            }
        }

        return line.FinishLine();
    }
}
