using Outrider.Filters;

namespace Outrider.Configuration.Model;

/// <summary>The server (<c>servers[0]</c>).</summary>
internal sealed record ServerConfiguration
{
    /// <summary>Where the log goes: a file, or <c>stdout</c>/<c>stderr</c>. Default <c>stdout</c>.</summary>
    public string DefaultLogPath { get; init; } = "stdout";

    /// <summary>What the log keeps. Default <see cref="StreamLogLevel.Info"/>.</summary>
    public StreamLogLevel DefaultLogLevel { get; init; } = StreamLogLevel.Info;

    /// <summary>Bytes that the process may occupy (<c>memory_limit</c>); 0, the default, for any number.</summary>
    public long MemoryLimit { get; init; }

    /// <summary>How long it goes on to accept after it was told to stop, while it says that it is not ready and that connections close (<c>drain_wait</c>). Default zero: not at all.</summary>
    public TimeSpan DrainWait { get; init; }

    /// <summary>How long streams may go on when the process ends. Default 30 s, which zero stands for as well, as in MOSN.</summary>
    public TimeSpan GracefulTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many loops; 0 (the default) means one for each core.</summary>
    public int Processor { get; init; }

    /// <summary>Clients' connections that the process takes, on all listeners; 0 (the default) means what there are descriptors for.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Connections to hosts that may be on their way at once, over all clusters and loops (<c>max_pending_connects</c>); 0 (the default) for any number.</summary>
    public int MaxPendingConnects { get; init; }

    /// <summary>How long a request may have waited in a loop that has more to do than it can before it is refused (<c>overload_delay</c>). Default 200 ms; zero: for ever.</summary>
    public TimeSpan OverloadDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How many pipes each loop may have for bytes that do not come into the process (<c>splice_pipes</c>), 0 to 4096. Default 16; 0: none.</summary>
    public int SplicePipes { get; init; } = 16;

    /// <summary>How many bytes each of them holds (<c>splice_pipe_size</c>), 64 KiB to 16 MiB. Default 1 MiB.</summary>
    public int SplicePipeSize { get; init; } = 1024 * 1024;

    /// <summary>How long one call-back of a loop may run before other loops accept in its place. Default 1 s, 50 ms or more.</summary>
    public TimeSpan StuckLoopTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The listeners; names and addresses are unique.</summary>
    public IReadOnlyList<ListenerConfiguration> Listeners { get; init; } = [];

    /// <summary>The routers that listeners name.</summary>
    public IReadOnlyList<RouterConfiguration> Routers { get; init; } = [];
}
