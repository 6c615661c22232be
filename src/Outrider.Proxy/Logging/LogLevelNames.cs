using Outrider.Filters;

namespace Outrider.Proxy.Logging;

/// <summary>How MOSN writes its log levels. Any thread.</summary>
internal static class LogLevelNames
{
    private static readonly string[] s_names = ["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"];

    /// <summary>The level as MOSN writes it.</summary>
    public static string Name(StreamLogLevel level) => s_names[(int)level];

    /// <summary>Reads a level as MOSN writes it, in capitals.</summary>
    public static bool TryParse(string? text, out StreamLogLevel level)
    {
        int index = Array.IndexOf(s_names, text);
        level = (StreamLogLevel)Math.Max(index, 0);
        return index >= 0;
    }
}
