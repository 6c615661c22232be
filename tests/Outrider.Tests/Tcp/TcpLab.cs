using System.Text;
using System.Text.Json;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Server;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;
using Outrider.Tests.Harness;
using Outrider.Tests.Tls;

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

    /// <summary>Starts a proxy; returns its port.</summary>
    /// <param name="listener">JSON of the listener's members beside name, address and access log, <c>filter_chains</c> included.</param>
    /// <param name="clusters">JSON of the clusters.</param>
    /// <param name="routers">JSON of the routers.</param>
    /// <param name="format">The access log's format.</param>
    /// <param name="port">Where to listen; 0 for any free port.</param>
    /// <param name="extensions">Listener filters and handlers.</param>
    internal async Task<int> StartAsync(
        string listener, string clusters, string routers = "",
        string format = "%protocol% %downstream_remote_address% %downstream_local_address% %upstream_cluster% %upstream_host% %bytes_received% %bytes_sent% %response_flags% %requested_server_name% %tries%",
        int port = 0, ConnectionExtensions? extensions = null)
    {
        var configuration = Parse(listener, clusters, routers, format, port);
        var server = await ProxyServer.StartAsync(configuration, new StreamFilterRegistry(), "test", extensions: extensions);
        _servers.Add(server);
        return ((System.Net.IPEndPoint)server.Listeners.Single().EndPoint).Port;
    }

    /// <summary>Gives the last proxy another configuration; see <see cref="StartAsync"/>.</summary>
    internal Task ReloadAsync(string listener, string clusters, string routers = "") => _servers[^1].ReloadAsync(Parse(listener, clusters, routers, "%protocol%", 0));

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

    private ProxyConfiguration Parse(string listener, string clusters, string routers, string format, int port)
    {
        string json = $$$$"""
            {"servers":[{"default_log_path":"{{{{ErrorLog}}}}","default_log_level":"DEBUG","graceful_timeout":"1s","processor":1,
            "routers":[{{{{routers}}}}],
            "listeners":[{"name":"l","address":"127.0.0.1:{{{{port}}}}","bind_port":true,
              "access_logs":[{"log_path":"{{{{AccessLog}}}}","log_format":{{{{JsonSerializer.Serialize(format)}}}}}],
              {{{{listener}}}} }]}],
            "cluster_manager":{"clusters":[{{{{clusters}}}}]}}
            """;
        return ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration;
    }
}
