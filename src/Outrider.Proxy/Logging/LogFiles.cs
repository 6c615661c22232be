namespace Outrider.Proxy.Logging;

/// <summary>The log files of the process, one for each path however many logs go there. Any thread.</summary>
internal sealed class LogFiles : IDisposable
{
    /// <summary>The path that means standard output; nothing means it as well.</summary>
    public const string StandardOutput = "stdout";

    /// <summary>The path that means standard error.</summary>
    public const string StandardError = "stderr";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LogFile> _files = new(StringComparer.Ordinal);

    /// <summary>Every file that is open.</summary>
    public IReadOnlyList<LogFile> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _files.Values];
            }
        }
    }

    /// <summary>What a path of the configuration means: <c>stdout</c>, <c>stderr</c> or a full path.</summary>
    public static string Normalize(string path) => path switch
    {
        "" or StandardOutput or "/dev/stdout" => StandardOutput,
        StandardError or "/dev/stderr" => StandardError,
        // What no path can hold is left as it is: no log has it, and opening it says why.
        _ => path.Contains('\0', StringComparison.Ordinal) ? path : Path.GetFullPath(path),
    };

    /// <summary>The file of that path, which is opened when it is not yet.</summary>
    /// <exception cref="IOException">It cannot be opened; the message names it.</exception>
    public LogFile Open(string path)
    {
        string key = Normalize(path);
        lock (_gate)
        {
            if (!_files.TryGetValue(key, out LogFile? file))
            {
                file = new LogFile(key);
                _files.Add(key, file);
            }

            return file;
        }
    }

    /// <summary>The file of that path, or null when none is open.</summary>
    public LogFile? Find(string path)
    {
        lock (_gate)
        {
            return _files.GetValueOrDefault(Normalize(path));
        }
    }

    /// <summary>Opens every file anew, after logrotate has moved them away.</summary>
    /// <returns>What could not be opened, one message for each; those logs go on into the old file.</returns>
    public IReadOnlyList<string> Reopen()
    {
        var problems = new List<string>();
        foreach (LogFile file in All)
        {
            try
            {
                file.Reopen();
            }
            catch (IOException e)
            {
                problems.Add(e.Message);
            }
        }

        return problems;
    }

    /// <summary>Writes what is queued and closes every file.</summary>
    public void Dispose()
    {
        foreach (LogFile file in All)
        {
            file.Dispose();
        }
    }
}
