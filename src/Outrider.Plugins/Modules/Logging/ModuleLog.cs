using Outrider.Filters;
using Outrider.Plugins.Text;

namespace Outrider.Plugins.Modules.Logging;

/// <summary>Where modules log what belongs to no stream: while they load, and from threads of their own. Any thread.</summary>
public static class ModuleLog
{
    private static volatile Action<StreamLogLevel, string> s_sink = static (level, message) => Console.Error.WriteLine($"outrider: [{level}] {VisibleText.Of(message).Replace("\n", "\n\t", StringComparison.Ordinal)}");
    private static volatile Func<StreamLogLevel, bool> s_isEnabled = static level => level <= StreamLogLevel.Info;

    /// <summary>Sends the lines to a log from now on; until then they go to standard error.</summary>
    /// <param name="isEnabled">Would a line of that level be written?</param>
    /// <param name="write">Writes one. Any thread; never throws.</param>
    public static void Use(Func<StreamLogLevel, bool> isEnabled, Action<StreamLogLevel, string> write)
    {
        ArgumentNullException.ThrowIfNull(isEnabled);
        ArgumentNullException.ThrowIfNull(write);
        s_isEnabled = isEnabled;
        s_sink = write;
    }

    [ThreadStatic]
    private static Listener? t_listener;

    /// <summary>Hears, until it is disposed, what is logged on this thread as an error or a warning.</summary>
    internal static Listener Listen() => t_listener = new Listener();

    internal static bool IsEnabled(StreamLogLevel level) => s_isEnabled(level);

    internal static void Write(StreamLogLevel level, string message)
    {
        if (IsEnabled(level))
        {
            s_sink(level, message);
        }

        if (level <= StreamLogLevel.Warn)
        {
            t_listener?.Hear(message);
        }
    }

    /// <summary>What a module said while it was asked something.</summary>
    internal sealed class Listener : IDisposable
    {
        // In characters; an error log cuts a line after 16 KiB.
        private const int MaxText = 4096;

        private readonly List<string> _lines = [];
        private int _length;

        internal string Text => string.Join("; ", _lines);

        internal void Hear(string line)
        {
            // A module may say much before it refuses: the first words are the ones that count.
            if (_length < MaxText)
            {
                line = line.Length > MaxText - _length ? line[..(MaxText - _length)] + "…" : line;
                _length += line.Length;
                _lines.Add(VisibleText.Of(line));
            }
        }

        public void Dispose() => t_listener = null;
    }
}
