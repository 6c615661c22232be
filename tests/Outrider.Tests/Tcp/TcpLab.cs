using System.Text;
using System.Text.Json;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Net.Buffers;
using Outrider.Net.Loops;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Server;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;
using Outrider.Tests.Harness;
using Outrider.Tests.Tls;
using Outrider.Upstream.Breakers;

namespace Outrider.Tests.Tcp;

/// <summary>A proxy of which a test writes the listener and the clusters, with certificates at hand.</summary>
internal sealed class TcpLab : IAsyncDisposable
{
    private readonly List<ProxyServer> _servers = [];

    internal TlsLab Tls { get; } = new();

    internal string AccessLog => Tls.Path("access.log");

    internal string ErrorLog => Tls.Path("error.log");

    /// <summary>What the admin API and metrics would say of the listener.</summary>
    internal ListenerLoopStats Stats => _servers[^1].Stats.Listener("l").Sum();

    /// <summary>The only loop of the last proxy.</summary>
    internal EventLoop Loop => _servers[^1].Loops[0];

    /// <summary>That loop's pipes.</summary>
    internal PipePool Pipes => Loop.Pipes;

    /// <summary>What is counted of a cluster.</summary>
    internal ClusterLoopStats ClusterStats(string name) => _servers[^1].Stats.Cluster(name).Sum();

    /// <summary>What a cluster's limits have counted.</summary>
    internal BreakerCounts Breakers(string name) => _servers[^1].Clusters.Find(name)!.Breakers.Counts;

    /// <summary>Starts a proxy; returns its port.</summary>
    /// <param name="listener">JSON of the listener's members beside name, address and access log, <c>filter_chains</c> included.</param>
    /// <param name="clusters">JSON of the clusters.</param>
    /// <param name="routers">JSON of the routers.</param>
    /// <param name="format">The access log's format.</param>
    /// <param name="port">Where to listen; 0 for any free port.</param>
    /// <param name="extensions">Listener filters and handlers.</param>
    /// <param name="server">JSON of more of the server's members, with a comma behind it.</param>
    /// <param name="processor">How many loops.</param>
    internal async Task<int> StartAsync(
        string listener, string clusters, string routers = "",
        string format = "%protocol% %downstream_remote_address% %downstream_local_address% %upstream_cluster% %upstream_host% %bytes_received% %bytes_sent% %response_flags% %requested_server_name% %tries%",
        int port = 0, ConnectionExtensions? extensions = null, string server = "", int processor = 1)
    {
        var configuration = Parse(listener, clusters, routers, format, port, server, processor);
        var started = await ProxyServer.StartAsync(configuration, new StreamFilterRegistry(), "test", extensions: extensions);
        _servers.Add(started);
        return ((System.Net.IPEndPoint)started.Listeners.Single().EndPoint).Port;
    }

    /// <summary>Gives the last proxy another configuration; see <see cref="StartAsync"/>.</summary>
    internal Task ReloadAsync(string listener, string clusters, string routers = "") => _servers[^1].ReloadAsync(Parse(listener, clusters, routers, "%protocol%", 0, "", 1));

    /// <summary>Stops the last proxy, gracefully.</summary>
    internal Task StopAsync() => _servers[^1].StopAsync();

    /// <summary>A cluster's JSON.</summary>
    internal static string Cluster(string name, string host, string more = "") => $$"""{"name":"{{name}}","type":"SIMPLE","lb_type":"LB_ROUNDROBIN"{{more}},"hosts":[{"address":"{{host}}"}]}""";

    /// <summary>A filter chain's JSON that ends in a <c>tcp_proxy</c> of that configuration.</summary>
    internal static string Chain(string config, string more = "") => $$"""{ {{more}} "filters":[{"type":"tcp_proxy","config":{{config}}}]}""";

    /// <summary>An access log's first lines, once there are so many.</summary>
    internal async Task<string[]> LinesAsync(int count = 1)
    {
        string[] lines = [];
        await Eventually.HoldsAsync(() =>
        {
            _servers[^1].LogFiles.All.ToList().ForEach(file => file.Flush(Eventually.Patience));
            lines = File.Exists(AccessLog) ? File.ReadAllLines(AccessLog) : [];
            return lines.Length >= count;
        });
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        string log = File.Exists(ErrorLog) ? await File.ReadAllTextAsync(ErrorLog) : "";
        Tls.Dispose();
        // An exception that reached a loop is a defect, whatever the test was about.
        Assert.DoesNotContain("unexpected: ", log, StringComparison.Ordinal);
    }

    private ProxyConfiguration Parse(string listener, string clusters, string routers, string format, int port, string server, int processor)
    {
        string json = $$$$"""
            {"servers":[{"default_log_path":"{{{{ErrorLog}}}}","default_log_level":"DEBUG","graceful_timeout":"3s","processor":{{{{processor}}}},{{{{server}}}}
            "routers":[{{{{routers}}}}],
            "listeners":[{"name":"l","address":"127.0.0.1:{{{{port}}}}","bind_port":true,
              "access_logs":[{"log_path":"{{{{AccessLog}}}}","log_format":{{{{JsonSerializer.Serialize(format)}}}}}],
              {{{{listener}}}} }]}],
            "cluster_manager":{"clusters":[{{{{clusters}}}}]}}
            """;
        return ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration;
    }
}
