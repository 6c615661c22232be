using System.Buffers;
using System.Text;
using Outrider.Filters;

namespace Outrider.Proxy.Logging;

/// <summary>
/// A log of levelled lines as MOSN writes them: <c>2026-01-02 15:04:05,000 [INFO] message</c>, local time. A line below the level
/// costs one read. Any thread; never throws.
/// </summary>
internal sealed class ErrorLog
{
    private const int MaxMessageBytes = 16 * 1024;

    private readonly LogFile _file;
    private volatile int _level;

    /// <summary>Makes a log that ends in <paramref name="file"/>, which it does not own.</summary>
    public ErrorLog(LogFile file, StreamLogLevel level)
    {
        _file = file;
        _level = (int)level;
    }

    /// <summary>Where the lines go.</summary>
    public LogFile File => _file;

    /// <summary>The least urgent level that is written. May change while the process runs.</summary>
    public StreamLogLevel Level
    {
        get => (StreamLogLevel)_level;
        set => _level = (int)value;
    }

    /// <summary>Would a line of this level be written?</summary>
    public bool IsEnabled(StreamLogLevel level) => (int)level <= _level && _file.IsEnabled;

    /// <summary>
    /// Writes one line, if its level is. Control characters become <c>\xNN</c>; a line break within the message stays one, with a
    /// tab after it, so that nobody can forge the start of a line. Messages are cut after 16 KiB.
    /// </summary>
    public void Write(StreamLogLevel level, string message)
    {
        if (!IsEnabled(level))
        {
            return;
        }

        byte[] bytes = ArrayPool<byte>.Shared.Rent(2 * MaxMessageBytes);
        try
        {
            var line = Begin(level, bytes.AsSpan(0, MaxMessageBytes + 64));
            WriteMessage(ref line, message);
            _file.TryWrite(line.FinishLine());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Begins a line that its maker writes piece by piece, without allocating. Only where <see cref="IsEnabled"/> said so.</summary>
    /// <param name="level">Its level.</param>
    /// <param name="buffer">Where the line is made; what does not fit is cut.</param>
    public static Utf8Writer Begin(StreamLogLevel level, Span<byte> buffer)
    {
        var line = new Utf8Writer(buffer);
        line.WriteTime(DateTime.UtcNow, LogTimeFormat.Error);
        line.WriteRaw(" ["u8);
        line.WriteText(LogLevelNames.Name(level));
        line.WriteRaw("] "u8);
        return line;
    }

    /// <summary>Queues a line that <see cref="Begin"/> began.</summary>
    public void End(ref Utf8Writer line) => _file.TryWrite(line.FinishLine());

    private static void WriteMessage(ref Utf8Writer line, ReadOnlySpan<char> message)
    {
        message = message.TrimEnd('\n');
        bool first = true;
        foreach (Range part in message.Split('\n'))
        {
            if (!first)
            {
                line.WriteRaw("\n\t"u8);
            }

            line.WriteText(message[part].TrimEnd('\r'));
            first = false;
        }
    }
}
