using System.Text;
using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>health_check</c>.</summary>
internal static class HealthCheckBinder
{
    // What MOSN speaks and has no checks for: there, and so here, a connection is all that is tried.
    private static readonly string[] s_connected = ["bolt", "boltv2", "dubbo", "dubbothrift", "tars", "SofaRpc", "X", "xprotocol", "Auto"];

    private static readonly string[] s_builtIn = ["TCP", "Http1", "Http2", "gRPC"];

    public static HealthCheckConfiguration? Bind(ObjectReader cluster)
    {
        // What Go writes for a cluster without one has members, and all of them are empty.
        if (cluster.Object("health_check") is not { } check || IsEmpty(check.Node))
        {
            return null;
        }

        var defaults = new HealthCheckConfiguration();
        string protocol = Protocol(check, defaults.Protocol);
        var config = check.Object("check_config");
        bool isBuiltIn = s_builtIn.Contains(protocol);
        var configuration = new HealthCheckConfiguration
        {
            Protocol = protocol,
            Timeout = check.Duration("timeout", defaults.Timeout, ZeroDuration.MeansDefault),
            Interval = check.Duration("interval", defaults.Interval, ZeroDuration.MeansDefault),
            IntervalJitter = check.Duration("interval_jitter", defaults.IntervalJitter, ZeroDuration.MeansDefault),
            InitialDelay = check.Duration("initial_delay_seconds", defaults.InitialDelay, ZeroDuration.MeansDefault),
            HealthyThreshold = check.IntegerOrDefault("healthy_threshold", defaults.HealthyThreshold, 1, int.MaxValue),
            UnhealthyThreshold = check.IntegerOrDefault("unhealthy_threshold", defaults.UnhealthyThreshold, 1, int.MaxValue),
            ServiceName = check.Text("service_name") ?? cluster.Text("name") ?? "",
            EventLogPath = check.Text("event_log_path"),
            Callbacks = [.. check.Texts("common_callbacks").Select(static node => node.Text)],
            Http = isBuiltIn ? Http(config, protocol) : null,
            Grpc = isBuiltIn ? Grpc(config) : defaults.Grpc,
            Origin = check.Node,
            CheckConfig = isBuiltIn ? null : config?.Node.ToValue(),
        };
        if (isBuiltIn)
        {
            config?.Finish();
        }

        check.Finish();
        return configuration;
    }

    private static string Protocol(ObjectReader check, string fallback)
    {
        string name = check.Text("protocol") ?? fallback;
        if (s_builtIn.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } builtIn)
        {
            return builtIn;
        }

        if (s_connected.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            check.Warning("protocol", "has no health checks of its own: it is tried whether hosts take connections, as in MOSN");
            return fallback;
        }

        return name;
    }

    private static HttpCheckConfiguration? Http(ObjectReader? config, string protocol)
    {
        if (config?.Object("http_check_config") is not { } http)
        {
            return protocol == "Http2" ? new HttpCheckConfiguration() : null;
        }

        var defaults = new HttpCheckConfiguration();
        string path = http.Text("path") ?? defaults.Path;
        if (path[0] != '/' || path.Any(static c => c is <= ' ' or >= (char)127 or '#'))
        {
            ObjectReader.Wrong(http.Take("path")!, http.Problems, "a path that begins with /, percent-encoded (RFC 3986 §3.3)");
            path = defaults.Path;
        }

        string method = http.Text("method") ?? defaults.Method;
        if (!HeaderSyntax.IsToken(Encoding.UTF8.GetBytes(method)) || method == "CONNECT")
        {
            ObjectReader.Wrong(http.Take("method")!, http.Problems, "a method other than CONNECT (RFC 9110 §9.1)");
            method = defaults.Method;
        }

        string domain = http.Text("domain") ?? "";
        if (domain.Length > 0 && !RequestLineRules.IsAuthority(Encoding.UTF8.GetBytes(domain)))
        {
            ObjectReader.Wrong(http.Take("domain")!, http.Problems, "a host, with a port or without");
        }

        var configuration = new HttpCheckConfiguration
        {
            Port = http.Integer("port", defaults.Port, 0, 65535),
            Timeout = http.Duration("timeout", defaults.Timeout, ZeroDuration.MeansNone),
            Path = path,
            Method = method,
            IsHttps = http.Text("scheme") is null ? null : http.Choice("scheme", false, new Dictionary<string, bool> { ["http"] = false, ["https"] = true }),
            Domain = domain,
            Codes = [.. http.Objects("codes").Select(Codes)],
        };
        http.Finish();
        return configuration;
    }

    private static (int Start, int End) Codes(ObjectReader range)
    {
        int start = range.Integer("start", 0, 100, 599);
        int end = range.Integer("end", start, 100, 599);
        if (start == 0)
        {
            range.Error("start", "is missing and required");
        }
        else if (end < start)
        {
            range.Error("end", $"is less than start ({start})");
        }

        range.Finish();
        return (start, end);
    }

    private static GrpcCheckConfiguration Grpc(ObjectReader? config)
    {
        if (config?.Object("grpc_check_config") is not { } grpc)
        {
            return new GrpcCheckConfiguration();
        }

        string authority = grpc.Text("authority") ?? "";
        if (authority.Length > 0 && !RequestLineRules.IsAuthority(Encoding.UTF8.GetBytes(authority)))
        {
            ObjectReader.Wrong(grpc.Take("authority")!, grpc.Problems, "a host, with a port or without");
        }

        var configuration = new GrpcCheckConfiguration { ServiceName = grpc.Text("service_name") ?? "", Authority = authority, Port = grpc.Integer("port", 0, 0, 65535) };
        grpc.Finish();
        return configuration;
    }

    private static bool IsEmpty(ConfigurationNode node) => node.Kind switch
    {
        JsonValueKind.Object => node.Members.All(static member => IsEmpty(member.Value)),
        JsonValueKind.Array => node.Items.Count == 0,
        JsonValueKind.String => node.Text is "" or "0s",
        JsonValueKind.Number => node.Json.Span.SequenceEqual("0"u8),
        JsonValueKind.True => false,
        _ => true,
    };
}
