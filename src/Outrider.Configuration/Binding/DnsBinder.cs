using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds how a cluster's names are looked up.</summary>
internal static class DnsBinder
{
    private static readonly Dictionary<string, AddressFamily?> s_families = new(StringComparer.Ordinal)
    {
        ["V4_ONLY"] = AddressFamily.InterNetwork,
        ["V6_ONLY"] = AddressFamily.InterNetworkV6,
        ["AUTO"] = null,
    };

    public static DnsConfiguration Bind(ObjectReader cluster)
    {
        var defaults = new DnsConfiguration();
        int port = Port(cluster, "dns_resolver_port", defaults.Port);
        var configuration = new DnsConfiguration
        {
            RefreshRate = cluster.Duration("dns_refresh_rate", defaults.RefreshRate, ZeroDuration.MeansDefault),
            RespectsTtl = cluster.Flag("respect_dns_ttl", false),
            Family = cluster.Choice("dns_lookup_family", null, s_families),
            File = cluster.Text("dns_resolver_file"),
            Port = port,
        };
        if (cluster.Object("dns_resolvers") is not { } resolvers)
        {
            return configuration;
        }

        int own = Port(resolvers, "port", port);
        List<IPEndPoint> servers = [];
        foreach (ConfigurationNode server in resolvers.Texts("servers"))
        {
            if (IPAddress.TryParse(server.Text, out var address))
            {
                servers.Add(new IPEndPoint(address, own));
            }
            else
            {
                ObjectReader.Wrong(server, resolvers.Problems, "an IP address");
            }
        }

        configuration = configuration with
        {
            Servers = servers,
            Search = [.. resolvers.Texts("search").Select(static node => node.Text.Trim('.'))],
            Dots = resolvers.Integer("ndots", defaults.Dots, 0, 15),
            Timeout = TimeSpan.FromSeconds(resolvers.IntegerOrDefault("timeout", (int)defaults.Timeout.TotalSeconds, 1, 30)),
            Attempts = resolvers.IntegerOrDefault("attempts", defaults.Attempts, 1, 5),
        };
        resolvers.Finish();
        return configuration;
    }

    // MOSN's are texts.
    private static int Port(ObjectReader reader, string key, int fallback)
    {
        if (reader.Take(key) is not { Kind: System.Text.Json.JsonValueKind.String } node)
        {
            return reader.IntegerOrDefault(key, fallback, 1, 65535);
        }

        if (node.Text.Length == 0)
        {
            return fallback;
        }

        if (int.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65535)
        {
            return port;
        }

        ObjectReader.Wrong(node, reader.Problems, "a port from 1 to 65535");
        return fallback;
    }
}
