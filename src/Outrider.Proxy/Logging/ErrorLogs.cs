using Outrider.Filters;

namespace Outrider.Proxy.Logging;

/// <summary>The error logs of the process by path, for the admin API. Any thread.</summary>
/// <param name="files">Where their files are.</param>
internal sealed class ErrorLogs(LogFiles files)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, ErrorLog> _logs = new(StringComparer.Ordinal);

    /// <summary>The log of that path, which is opened when it is not yet; one that is open takes the level.</summary>
    /// <exception cref="IOException">It cannot be opened; the message names it.</exception>
    public ErrorLog Open(string path, StreamLogLevel level)
    {
        LogFile file = files.Open(path);
        lock (_gate)
        {
            if (_logs.TryGetValue(file.Path, out ErrorLog? log))
            {
                log.Level = level;
                return log;
            }

            log = new ErrorLog(file, level);
            _logs.Add(file.Path, log);
            return log;
        }
    }

    /// <summary>Changes the level of the log of that path (empty means <c>stdout</c>, as in the configuration).</summary>
    /// <returns>False when there is no such log.</returns>
    public bool TrySetLevel(string path, StreamLogLevel level)
    {
        lock (_gate)
        {
            if (!_logs.TryGetValue(LogFiles.Normalize(path), out ErrorLog? log))
            {
                return false;
            }

            log.Level = level;
            return true;
        }
    }

    /// <summary>Every log's path and level, by path.</summary>
    public IReadOnlyList<KeyValuePair<string, StreamLogLevel>> Levels
    {
        get
        {
            lock (_gate)
            {
                return [.. _logs.Select(static pair => KeyValuePair.Create(pair.Key, pair.Value.Level))];
            }
        }
    }
}
