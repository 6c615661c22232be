using System.Net;
using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>listeners</c>.</summary>
internal sealed class ListenerBinder(ProblemLog problems, RouterBinder routers, IReadOnlySet<string> clusters, IReadOnlyList<NamedFiltersConfiguration> named)
{
    private const int MinReadBuffer = 4096;
    private const int MaxReadBuffer = 1024 * 1024;

    private static readonly Dictionary<string, ListenerNetwork> s_networks = new(StringComparer.OrdinalIgnoreCase) { ["tcp"] = ListenerNetwork.Tcp, ["unix"] = ListenerNetwork.Unix };

    private static readonly Dictionary<string, bool> s_types = new(StringComparer.Ordinal) { ["egress"] = true, ["ingress"] = false };

    private readonly FilterChainBinder _chains = new(problems, routers, clusters);
    private readonly List<ListenerConfiguration> _listeners = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal);

    /// <summary>What has been bound.</summary>
    public IReadOnlyList<ListenerConfiguration> Listeners => _listeners;

    public void Bind(ObjectReader server)
    {
        foreach (ObjectReader listener in server.Objects("listeners"))
        {
            Add(listener);
        }

        if (named.Count == 0 && server.Take("listeners") is null or { Kind: JsonValueKind.Array, Items.Count: 0 })
        {
            server.Warning("listeners", "no listener: the proxy will accept no connection");
        }
    }

    /// <summary>Binds one more.</summary>
    public void Add(ObjectReader listener)
    {
        var network = ListenerNetwork.Tcp;
        bool knownNetwork = TryNetwork(listener, ref network);
        string? address = listener.RequiredText("address");
        EndPoint? endPoint = address is not null && knownNetwork ? ParseAddress(listener, network, address) : null;
        string name = listener.Text("name") ?? address ?? "";
        Reserve(_names, name, listener, "name");

        // Port 0 is another free port each time.
        if (endPoint is not null and not IPEndPoint { Port: 0 })
        {
            Reserve(_addresses, endPoint.ToString()!, listener, "address");
        }

        bool bindPort = listener.Flag("bind_port", false);
        if (!bindPort)
        {
            listener.Problems.Warning((listener.Take("bind_port") ?? listener.Node).Problem("is not true: this listener is kept but not bound") with { JsonPath = listener.Node.PathOf("bind_port"), IsExcused = true });
        }

        IReadOnlyList<FilterChainConfiguration> chains = _chains.Bind(listener, bindPort);
        AccessLogConfiguration[] accessLogs = [.. listener.Objects("access_logs").Select(BindAccessLog)];
        StreamFilterConfiguration[] streamFilters = [.. listener.Objects("stream_filters").Select(StreamFilterBinder.Bind).OfType<StreamFilterConfiguration>()];
        if (listener.Take("stream_filters") is null && named.FirstOrDefault(chain => chain.Name == name) is { } chain)
        {
            streamFilters = [.. chain.Filters];
        }

        TimeSpan idleTimeout = listener.Duration("connection_idle_timeout", TimeSpan.FromSeconds(90), ZeroDuration.MeansNone);
        int readBufferSize = ReadBufferSize(listener);
        int maxConnections = listener.Integer("max_connections", 0, 0, int.MaxValue);
        bool inspector = listener.Flag("inspector", false);
        // Loops accept by SO_REUSEPORT, whatever it says.
        _ = listener.Flag("reuseport", false);
        bool useOriginalDst = UsesOriginalDst(listener, out bool isTransparent);
        StreamFilterConfiguration[] listenerFilters = [.. listener.Objects("listener_filters").Select(StreamFilterBinder.Bind).OfType<StreamFilterConfiguration>()];
        TimeSpan listenerFiltersTimeout = listener.Duration("listener_filters_timeout", TimeSpan.FromSeconds(15), ZeroDuration.MeansNone);
        Labels(listener);
        listener.Finish();
        _listeners.Add(new ListenerConfiguration
        {
            Name = name,
            Text = listener.TextWith([]),
            // Where these are missing, so that the rest can be looked at as well, the errors keep the configuration from being used.
            Address = address ?? "",
            EndPoint = endPoint ?? new IPEndPoint(IPAddress.Any, 0),
            Network = network,
            BindPort = bindPort,
            MaxConnections = maxConnections,
            FilterCosts = listener.Flag("filter_costs", false),
            AccessLogs = accessLogs,
            ConnectionIdleTimeout = idleTimeout,
            ReadBufferSize = readBufferSize,
            Chains = chains,
            Inspector = inspector,
            UseOriginalDst = useOriginalDst,
            IsTransparent = isTransparent,
            ListenerFilters = listenerFilters,
            ListenerFiltersTimeout = listenerFiltersTimeout,
            StreamFilters = streamFilters,
        });
    }

    private static void Reserve(Dictionary<string, string> taken, string value, ObjectReader listener, string key)
    {
        if (value.Length > 0 && !taken.TryAdd(value, listener.Node.Path))
        {
            listener.Error(key, $"{taken[value]} has the same {key}");
        }
    }

    private static bool TryNetwork(ObjectReader listener, ref ListenerNetwork network)
    {
        if (listener.Take("network") is { Kind: JsonValueKind.String } node && node.Text.Equals("udp", StringComparison.OrdinalIgnoreCase))
        {
            listener.Error("network", "udp is not supported yet, wanted tcp or unix");
            return false;
        }

        int errors = listener.Problems.Errors.Count;
        network = listener.Choice("network", ListenerNetwork.Tcp, s_networks);
        return listener.Problems.Errors.Count == errors;
    }

    private static EndPoint? ParseAddress(ObjectReader listener, ListenerNetwork network, string address)
    {
        EndPoint? endPoint = network == ListenerNetwork.Unix ? EndPointText.Unix(address) : EndPointText.Listen(address);
        if (endPoint is null)
        {
            ObjectReader.Wrong(listener.Take("address")!, listener.Problems, network == ListenerNetwork.Unix
                ? "a path of 1 to 107 bytes"
                : "ip:port, [ipv6]:port, :port or localhost:port, the port from 0 to 65535");
        }

        return endPoint;
    }

    private static int ReadBufferSize(ObjectReader listener)
    {
        int size = listener.IntegerOrDefault("default_read_buffer_size", ListenerConfiguration.LargestRead, 1, MaxReadBuffer);
        if (size > ListenerConfiguration.LargestRead)
        {
            listener.Warning("default_read_buffer_size", $"{size} is more than a loop reads at once, taken as {ListenerConfiguration.LargestRead}");
            return ListenerConfiguration.LargestRead;
        }

        if (size >= MinReadBuffer)
        {
            return size;
        }

        listener.Warning("default_read_buffer_size", $"{size} is too small, taken as {MinReadBuffer}");
        return MinReadBuffer;
    }

    private static AccessLogConfiguration BindAccessLog(ObjectReader log)
    {
        // MOSN would write below /home/admin, which few machines have.
        if (log.Text("log_path") is not { } path)
        {
            path = "stdout";
            log.Warning("log_path", "is not given, taken as \"stdout\"");
        }

        var format = log.Take("log_format");
        if (format is not null && format.Kind is not (JsonValueKind.String or JsonValueKind.Object))
        {
            ObjectReader.Wrong(format, log.Problems, "a string or an object");
            format = null;
        }

        bool isObject = format is { Kind: JsonValueKind.Object };
        var configuration = new AccessLogConfiguration(path, isObject ? null : format?.Text) { Origin = log.Node, JsonFormat = isObject ? format!.Json : default };
        log.Finish();
        return configuration;
    }

    // MOSN's are "redirect" and "tproxy"; a flag was its older form, and means the former.
    private static bool UsesOriginalDst(ObjectReader listener, out bool isTransparent)
    {
        isTransparent = false;
        if (listener.Take("use_original_dst") is not { Kind: JsonValueKind.String } node)
        {
            return listener.Flag("use_original_dst", false);
        }

        isTransparent = node.Text == "tproxy";
        if (node.Text is not ("" or "redirect" or "tproxy"))
        {
            ObjectReader.Wrong(node, listener.Problems, "\"redirect\", \"tproxy\", true or false");
        }

        return node.Text.Length > 0;
    }

    // What says nothing of how the listener works.
    private static void Labels(ObjectReader listener)
    {
        _ = listener.Choice("type", false, s_types);
        listener.Excuse("type", "egress or ingress makes no difference for HTTP and TCP");
        _ = listener.Text("log_path");
        listener.Excuse("log_path", "has no effect, as in MOSN since its first versions; access_logs have one");
    }
}
