namespace Outrider.Configuration.Model;

/// <summary>Where plugins in their own process lie (<c>plugin_dir</c>) and how they are looked after (<c>plugin</c>, an object of MOSN's with keys of ours).</summary>
internal sealed record PluginConfiguration
{
    /// <summary>Full paths of the folders that hold the executables, the first first: <c>plugin_dir</c> alone, or else that of the configuration file and that of the program.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    /// <summary>The folder that plugins are told to write logs of their own to (<c>log_base</c>, as in MOSN); ends with a slash, or is empty.</summary>
    public string LogBase { get; init; } = "";

    /// <summary>The names of the environment variables that plugins get of ours (<c>environment</c>), each of them once, in order. A name that ends with <c>*</c> stands for all that begin so.</summary>
    public IReadOnlyList<string> Environment { get; init; } = DefaultEnvironment;

    /// <summary>
    /// What programs need to find themselves, their runtime and their language. Not the proxy's secrets, nor what is set for the
    /// proxy's own runtime (<c>DOTNET_GCgen0size</c> and the like).
    /// </summary>
    public static IReadOnlyList<string> DefaultEnvironment { get; } =
    [
        "DOTNET_ROOT*", "HOME", "HOSTNAME", "JAVA_HOME", "LANG", "LANGUAGE", "LC_*", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "PYTHONPATH",
        "SHELL", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV",
    ];

    /// <summary>How long a plugin may take to say where it listens and to be healthy (<c>start_timeout</c>). Default 10 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a plugin that is told to end may take before it is killed (<c>stop_timeout</c>). Default 2 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A plugin whose calls have all timed out for this long is asked for its health, and killed and started again when that answer does not
    /// come within the same time (<c>hang_timeout</c>). Default 30 s; zero: never.
    /// </summary>
    public TimeSpan HangTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The wait before the first new start after a crash (<c>backoff</c>); each one after that waits twice as long. Default 100 ms.</summary>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait before a new start (<c>max_backoff</c>). Default 10 s.</summary>
    public TimeSpan MaxBackOff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After how many crashes in a row a plugin is disabled (<c>crash_limit</c>). Default 10.</summary>
    public int CrashLimit { get; init; } = 10;

    /// <summary>How long a plugin must have run for its next crash to count as the first again (<c>stable_after</c>). Default 30 s.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(30);
}
