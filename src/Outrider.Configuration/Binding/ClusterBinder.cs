using System.Net;
using System.Text;
using System.Text.Json;
using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>cluster_manager</c>.</summary>
internal sealed class ClusterBinder(ProblemLog problems)
{
    private const int MaxHostWeight = 128;

    private static readonly Dictionary<string, ClusterType> s_types = new(StringComparer.Ordinal)
    {
        ["SIMPLE"] = ClusterType.Simple,
        ["STATIC"] = ClusterType.Static,
        ["DYNAMIC"] = ClusterType.Dynamic,
        ["STRICT_DNS"] = ClusterType.StrictDns,
        ["ORIGINAL_DST"] = ClusterType.OriginalDestination,
    };

    private readonly List<ClusterConfiguration> _clusters = [];
    private TlsConfiguration? _managerTls;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>What has been bound.</summary>
    public IReadOnlyList<ClusterConfiguration> Clusters => _clusters;

    /// <summary>Every name, those of clusters with errors included: their routes are not to blame.</summary>
    public IReadOnlySet<string> Names => _names;

    public void Bind(ObjectReader manager)
    {
        _managerTls = TlsBinder.Bind(manager, "tls_context");
        foreach (ObjectReader cluster in manager.Objects("clusters"))
        {
            Add(cluster);
        }

        IReadOnlyList<ObjectReader> files = JsonDirectory.Read(manager, "clusters_configs");
        if (manager.Text("clusters_configs") is not null && manager.Take("clusters") is { Kind: JsonValueKind.Array, Items.Count: > 0 })
        {
            manager.Error("clusters_configs", "stands beside clusters; only one of them may be given");
        }

        foreach (ObjectReader cluster in files)
        {
            Add(cluster);
        }

        manager.Ignore("cluster_pool_enable");
        manager.Finish();
    }

    /// <summary>Binds one more.</summary>
    public void Add(ObjectReader cluster)
    {
        string? name = cluster.RequiredText("name");
        if (name is not null && !_names.Add(name))
        {
            cluster.Error("name", $"another cluster is named \"{name}\"");
        }

        var defaults = new ClusterConfiguration { Name = "" };
        _clusters.Add(new ClusterConfiguration
        {
            Name = name ?? "",
            Text = cluster.TextWithout("hosts"),
            Type = Type(cluster),
            LoadBalancer = LoadBalancer(cluster),
            MaxRequestsPerConnection = cluster.Integer("max_request_per_conn", defaults.MaxRequestsPerConnection, 0, int.MaxValue),
            ConnectionBufferLimit = cluster.IntegerOrDefault("conn_buffer_limit_bytes", defaults.ConnectionBufferLimit, 1024, int.MaxValue),
            MaxResponseHeaderSize = cluster.IntegerOrDefault("max_response_header_size", defaults.MaxResponseHeaderSize, 1024, 1024 * 1024),
            MaxResponseHeaderCount = cluster.Integer("max_response_header_count", defaults.MaxResponseHeaderCount, 1, 4096),
            ConnectTimeout = cluster.Duration("connect_timeout", defaults.ConnectTimeout, ZeroDuration.MeansDefault),
            IdleTimeout = cluster.Duration("idle_timeout", defaults.IdleTimeout, ZeroDuration.MeansNone),
            MaxConnections = cluster.Integer("max_connections", defaults.MaxConnections, 0, int.MaxValue),
            Http2 = Http2Binder.Upstream(cluster),
            Hosts = Hosts(cluster),
            Subsets = SubsetBinder.Bind(cluster),
            Tls = Tls(cluster),
            Dns = DnsBinder.Bind(cluster),
            SlowStart = BalancingBinder.SlowStart(cluster),
            Affinity = BalancingBinder.Affinity(cluster),
            Zone = BalancingBinder.Zone(cluster),
            Breakers = CircuitBreakersBinder.Bind(cluster),
            HealthCheck = HealthCheckBinder.Bind(cluster),
            Outliers = OutlierBinder.Bind(cluster),
            PanicThreshold = cluster.Integer("panic_threshold", defaults.PanicThreshold, 0, 100),
        });
        cluster.Ignore("sub_type", "mark", "spec", "original_dst_lb_config",
            "keepalive", "cluster_pool_enable");
        cluster.Finish();
    }

    private TlsConfiguration? Tls(ObjectReader cluster)
    {
        TlsConfiguration? own = TlsBinder.Bind(cluster, "tls_context");
        TlsConfiguration? tls = cluster.Flag("cluster_manager_tls", false) ? _managerTls : own;
        if (tls is { Fallback: true })
        {
            // MOSN tries again in plain text; whoever can break a handshake could then read along.
            cluster.Problems.Warning(tls.ProblemAt("fall_back", "is for listeners: a host that cannot be spoken to in TLS is not spoken to at all"));
        }

        return tls;
    }

    // LB_ORIGINAL_DST goes with its type and says nothing more.
    private static BalancerConfiguration LoadBalancer(ObjectReader cluster)
    {
        var balancer = new BalancerConfiguration { ClusterOrigin = cluster.Node };
        string name = cluster.Text("lb_type") ?? balancer.Name;
        if (name == "LB_ORIGINAL_DST")
        {
            if (cluster.Take("type") is not { Kind: JsonValueKind.String, Text: "ORIGINAL_DST" })
            {
                cluster.Error("lb_type", "LB_ORIGINAL_DST is for clusters of the type ORIGINAL_DST");
            }

            name = balancer.Name;
        }

        if (BalancerConfiguration.BuiltIn.Contains(name))
        {
            return balancer with { Name = name, Options = BalancingBinder.Options(cluster) };
        }

        return balancer with { Name = name, Config = cluster.Object("lbconfig")?.Node.ToValue() };
    }

    private static ClusterType Type(ObjectReader cluster)
    {
        if (cluster.Take("type") is { Kind: JsonValueKind.String, Text: "EDS" } node)
        {
            cluster.Error("type", $"\"{node.Text}\" is not supported yet, wanted one of {string.Join(", ", s_types.Keys)}");
            return ClusterType.Simple;
        }

        return cluster.Choice("type", ClusterType.Simple, s_types);
    }

    /// <summary>The hosts of an object's <c>hosts</c>.</summary>
    public List<HostConfiguration> Hosts(ObjectReader cluster)
    {
        List<HostConfiguration> hosts = [];
        var addresses = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (ObjectReader host in cluster.Objects("hosts"))
        {
            if (BindHost(host) is not { } bound)
            {
                continue;
            }

            if (addresses.Add(bound.Address))
            {
                hosts.Add(bound);
            }
            else
            {
                host.Warning("address", "stands in this cluster already; ignored (a weight gives a host more requests)");
            }
        }

        if (cluster.Take("type") is { Kind: JsonValueKind.String, Text: "ORIGINAL_DST" })
        {
            if (hosts.Count > 0)
            {
                cluster.Error("hosts", "has no place in a cluster of the type ORIGINAL_DST: each connection goes where it was to go");
            }
        }
        else if (cluster.Take("hosts") is null or { Kind: JsonValueKind.Array, Items.Count: 0 })
        {
            cluster.Warning("hosts", "no host: requests for this cluster will be answered with 503");
        }

        return hosts;
    }

    private HostConfiguration? BindHost(ObjectReader host)
    {
        EndPoint? endPoint = null;
        string? address = host.RequiredText("address");
        if (address is not null && (endPoint = EndPointText.Connect(address)) is null)
        {
            ObjectReader.Wrong(host.Take("address")!, problems, "ip:port, [ipv6]:port, name:port (the port from 1 to 65535) or unix:/path");
        }

        string hostname = host.Text("hostname") ?? "";
        if (hostname.Length > 0 && !RequestLineRules.IsAuthority(Encoding.UTF8.GetBytes(hostname)))
        {
            ObjectReader.Wrong(host.Take("hostname")!, problems, "a host, with a port or without");
        }

        int weight = host.IntegerOrDefault("weight", 1, 1, int.MaxValue);
        if (weight > MaxHostWeight)
        {
            host.Warning("weight", $"{weight} is more than {MaxHostWeight}, taken as {MaxHostWeight}");
            weight = MaxHostWeight;
        }

        var metadata = SubsetBinder.Metadata(host, "metadata");
        host.Ignore("tls_disable");
        host.Finish();
        return endPoint is null ? null : new HostConfiguration { Address = address!, EndPoint = endPoint, Hostname = hostname, Weight = weight, Metadata = metadata };
    }
}
