using System.Globalization;
using System.Text.Json;
using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>servers[0]</c>.</summary>
internal static class ServerBinder
{
    private const int MaxProcessors = 1024;

    // Less is what a garbage collection, or another process on the core, may take.
    private static readonly TimeSpan s_leastStuckLoopTimeout = TimeSpan.FromMilliseconds(50);

    private static readonly Dictionary<string, StreamLogLevel> s_levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["FATAL"] = StreamLogLevel.Fatal,
        ["ERROR"] = StreamLogLevel.Error,
        ["WARN"] = StreamLogLevel.Warn,
        ["INFO"] = StreamLogLevel.Info,
        ["DEBUG"] = StreamLogLevel.Debug,
        ["TRACE"] = StreamLogLevel.Trace,
    };

    public static ServerConfiguration Bind(ObjectReader server, IReadOnlySet<string> clusters, IReadOnlyList<NamedFiltersConfiguration> named)
    {
        var defaults = new ServerConfiguration();
        var routers = new RouterBinder(server.Problems, clusters);
        routers.Bind(server.Objects("routers"));
        var listeners = new ListenerBinder(server.Problems, routers, clusters, named);
        listeners.Bind(server);
        routers.CheckRequired();

        var configuration = new ServerConfiguration
        {
            DefaultLogPath = server.Text("default_log_path") ?? defaults.DefaultLogPath,
            DefaultLogLevel = server.Choice("default_log_level", defaults.DefaultLogLevel, s_levels),
            GracefulTimeout = server.Duration("graceful_timeout", defaults.GracefulTimeout, ZeroDuration.MeansDefault),
            MemoryLimit = server.Long("memory_limit", 0, 0, long.MaxValue),
            DrainWait = server.Duration("drain_wait", defaults.DrainWait, ZeroDuration.MeansNone),
            Processor = Processor(server),
            MaxConnections = server.Integer("max_connections", 0, 0, int.MaxValue),
            OverloadDelay = server.Duration("overload_delay", defaults.OverloadDelay, ZeroDuration.MeansNone),
            MaxPendingConnects = server.Integer("max_pending_connects", 0, 0, int.MaxValue),
            SplicePipes = server.Integer("splice_pipes", defaults.SplicePipes, 0, 4096),
            SplicePipeSize = server.Integer("splice_pipe_size", defaults.SplicePipeSize, 64 * 1024, 16 * 1024 * 1024),
            StuckLoopTimeout = StuckLoopTimeout(server, defaults.StuckLoopTimeout),
            Listeners = listeners.Listeners,
            Routers = routers.Routers,
        };
        if (server.Text("global_log_roller") is not null)
        {
            server.Excuse("global_log_roller", "logs are not rotated here: leave that to logrotate and SIGUSR1");
        }

        if (server.Text("mosn_server_name") is not null)
        {
            server.Excuse("mosn_server_name", "names the server in MOSN's own metrics; has no effect here");
        }

        // Go's: how it waits for sockets. Ours wait by epoll whatever it says.
        _ = server.Flag("use_netpoll_mode", false);
        server.Finish();
        return configuration;
    }

    private static TimeSpan StuckLoopTimeout(ObjectReader server, TimeSpan otherwise)
    {
        var timeout = server.Duration("stuck_loop_timeout", otherwise, ZeroDuration.MeansDefault);
        if (timeout >= s_leastStuckLoopTimeout)
        {
            return timeout;
        }

        server.Error("stuck_loop_timeout", $"must be {s_leastStuckLoopTimeout.TotalMilliseconds} ms or more");
        return otherwise;
    }

    private static int Processor(ObjectReader server)
    {
        if (server.Take("processor") is not { } node)
        {
            return 0;
        }

        if (node.Kind != JsonValueKind.String)
        {
            return server.Integer("processor", 0, 0, MaxProcessors);
        }

        if (node.Text.Length == 0 || node.Text.Equals("auto", StringComparison.OrdinalIgnoreCase))
        {
            return 0;
        }

        if (int.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= MaxProcessors)
        {
            return number;
        }

        ObjectReader.Wrong(node, server.Problems, $"\"auto\" or a whole number from 0 to {MaxProcessors}");
        return 0;
    }
}
