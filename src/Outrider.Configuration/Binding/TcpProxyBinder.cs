using System.Text.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds the <c>tcp_proxy</c> network filter.</summary>
internal static class TcpProxyBinder
{
    private static readonly Dictionary<string, int> s_versions = new(StringComparer.OrdinalIgnoreCase) { ["v1"] = 1, ["v2"] = 2 };

    /// <summary>Null, and an error, when there is no <c>config</c>.</summary>
    /// <param name="filter">The filter's entry.</param>
    /// <param name="clusters">The clusters that there are.</param>
    public static TcpProxyConfiguration? Bind(ObjectReader filter, IReadOnlySet<string> clusters)
    {
        if (filter.Object("config") is not { } config)
        {
            if (filter.Take("config") is null)
            {
                filter.Error("config", "is missing and required");
            }

            return null;
        }

        var defaults = new TcpProxyConfiguration();
        var routes = config.Objects("routes").Select(route => Route(route, clusters)).OfType<TcpRouteConfiguration>().ToList();
        var targets = Clusters(config, clusters);
        if (routes.Count == 0 && targets.Count == 0 && config.Take("cluster") is null && config.Take("weighted_clusters") is null && config.Array("routes").Count == 0)
        {
            config.Error("cluster", "is missing: neither cluster, weighted_clusters nor routes say where connections go");
        }

        var configuration = new TcpProxyConfiguration
        {
            Clusters = targets,
            Routes = routes,
            IdleTimeout = IdleTimeout(config, defaults.IdleTimeout),
            MaxConnectAttempts = config.IntegerOrDefault("max_connect_attempts", defaults.MaxConnectAttempts, 1, 100),
            Splices = config.Flag("splice", defaults.Splices),
            ProxyProtocol = config.Choice("proxy_protocol", 0, s_versions),
        };
        _ = config.Take("stat_prefix");
        config.Finish();
        return configuration;
    }

    // MOSN's is a time.Duration of Go's own JSON, a number of nanoseconds; everything else in the file is text.
    private static TimeSpan IdleTimeout(ObjectReader config, TimeSpan otherwise)
        => config.Take("idle_timeout") is { Kind: JsonValueKind.Number } number && config.TryInteger(number, 0, long.MaxValue, out long nanoseconds)
            ? nanoseconds == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Clamp(nanoseconds / 1_000_000, 1, int.MaxValue))
            : config.Take("idle_timeout") is { Kind: JsonValueKind.Number } ? otherwise : config.Duration("idle_timeout", otherwise, ZeroDuration.MeansNone);

    private static List<TcpClusterConfiguration> Clusters(ObjectReader config, IReadOnlySet<string> clusters)
    {
        List<TcpClusterConfiguration> targets = [];
        if (Cluster(config, "cluster", clusters) is { } one)
        {
            targets.Add(new TcpClusterConfiguration(one, 1));
        }

        // Envoy writes { "clusters": [{ "name", "weight" }] }, MOSN's routes [{ "cluster": { "name", "weight" } }].
        bool isEnvoy = config.Take("weighted_clusters") is { Kind: JsonValueKind.Object };
        var entries = isEnvoy ? config.Object("weighted_clusters")!.Objects("clusters") : config.Objects("weighted_clusters");
        foreach (var entry in entries)
        {
            var target = entry.Take("cluster") is { Kind: JsonValueKind.Object } ? entry.Object("cluster")! : entry;
            string key = target.Take("name") is null && target.Take("cluster") is not null ? "cluster" : "name";
            int weight = target.Integer("weight", 1, 0, int.MaxValue);
            if (target.RequiredText(key) is not null && Cluster(target, key, clusters) is { } name && weight > 0)
            {
                targets.Add(new TcpClusterConfiguration(name, weight));
            }

            target.Finish();
        }

        if (config.Take("cluster") is not null && config.Take("weighted_clusters") is not null)
        {
            config.Error("weighted_clusters", "stands beside cluster; only one of them may be given");
        }

        return targets;
    }

    private static TcpRouteConfiguration? Route(ObjectReader route, IReadOnlySet<string> clusters)
    {
        string? cluster = route.RequiredText("cluster") is null ? null : Cluster(route, "cluster", clusters);
        var sources = AddressRangeBinder.Ranges(route, "source_addrs");
        var destinations = AddressRangeBinder.Ranges(route, "destination_addrs");
        var sourcePorts = AddressRangeBinder.Ports(route, "source_port");
        var destinationPorts = AddressRangeBinder.Ports(route, "destination_port");
        route.Finish();
        return cluster is null
            ? null
            : new TcpRouteConfiguration
            {
                Cluster = cluster,
                SourceRanges = sources,
                DestinationRanges = destinations,
                SourcePorts = sourcePorts,
                DestinationPorts = destinationPorts,
            };
    }

    private static string? Cluster(ObjectReader reader, string key, IReadOnlySet<string> clusters)
    {
        if (reader.Text(key) is not { } name)
        {
            return null;
        }

        if (!clusters.Contains(name))
        {
            string others = clusters.Count > 0 ? "there are: " + string.Join(", ", clusters.Order(StringComparer.Ordinal)) : "there is none";
            reader.Error(key, $"no cluster is named \"{name}\"; {others}");
            return null;
        }

        return name;
    }
}
