using System.Net;
using System.Text;
using Outrider.Configuration;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Plugins;
using Outrider.Proxy.Server;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Tests.Harness;

/// <summary>A proxy in this process on a port that the system chose: what most tests talk to.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private readonly ProxyServer _server;
    private readonly string _log = Path.Combine(Path.GetTempPath(), $"outrider-test-{Guid.NewGuid():n}.log");

    private TestProxy(ProxyServer server, string log)
    {
        _server = server;
        _log = log;
    }

    internal ProxyServer Server => _server;

    internal int Port => ((IPEndPoint)_server.Listeners.First().EndPoint).Port;

    internal IPEndPoint AdminEndPoint => _server.AdminEndPoint!;

    internal LoopStats Stats => _server.Stats.Sum();

    /// <summary>The error log so far.</summary>
    internal string Log
    {
        get
        {
            _server.LogFiles.All.ToList().ForEach(file => file.Flush(Eventually.Patience));
            return File.Exists(_log) ? File.ReadAllText(_log) : "";
        }
    }

    /// <summary>
    /// Starts a proxy in front of <paramref name="upstreams"/> (addresses), with these filters. It refuses nothing for want of time (<c>overload_delay</c>): on a machine
    /// that has more to do than it can a loop that is kept from running looks like one that has too much to do.
    /// </summary>
    /// <param name="upstreams">The hosts of the only cluster, <c>up</c>.</param>
    /// <param name="filters">Factories, each under the name <c>f0</c>, <c>f1</c>, … in order.</param>
    /// <param name="extendConfig">JSON of the proxy filter's <c>extend_config</c> (limits), without braces.</param>
    /// <param name="listener">More JSON for the listener, beginning with a comma.</param>
    /// <param name="route">JSON of the only virtual host's <c>routers</c>; null for one that forwards everything.</param>
    /// <param name="cluster">More JSON for the cluster, beginning with a comma.</param>
    /// <param name="loops">How many loops.</param>
    /// <param name="protocol">The listener's <c>downstream_protocol</c>.</param>
    /// <param name="upstreamProtocol">Its <c>upstream_protocol</c>.</param>
    /// <param name="extensions">What it can name beside stream filters; null for what comes with the proxy.</param>
    internal static Task<TestProxy> StartAsync(
        IEnumerable<string> upstreams,
        IReadOnlyList<IStreamFilterFactory>? filters = null,
        string extendConfig = "",
        string listener = "",
        string? route = null,
        string cluster = "",
        int loops = 1,
        string protocol = "Http1",
        string upstreamProtocol = "Http1",
        ConnectionExtensions? extensions = null)
    {
        string hosts = string.Join(",", upstreams.Select(u => $$"""{"address":"{{u}}"}"""));
        filters ??= [];
        string streamFilters = string.Join(",", filters.Select((_, i) => $$"""{"type":"f{{i}}"}"""));
        string log = Path.Combine(Path.GetTempPath(), $"outrider-test-{Guid.NewGuid():n}.log");
        route ??= """[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]""";
        string json = $$$$$"""
            {"servers":[{"default_log_path":"{{{{{log}}}}}","default_log_level":"DEBUG","graceful_timeout":"5s","overload_delay":"0s","processor":{{{{{loops}}}}},
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":{{{{{route}}}}}}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true{{{{{listener}}}}},
              "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"{{{{{protocol}}}}}","upstream_protocol":"{{{{{upstreamProtocol}}}}}","router_config_name":"r","extend_config":{ {{{{{extendConfig}}}}} } } }]}],
              "stream_filters":[{{{{{streamFilters}}}}}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","type":"SIMPLE","lb_type":"LB_ROUNDROBIN"{{{{{cluster}}}}},"hosts":[{{{{{hosts}}}}}]}]},
            "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":0}}}}
            """;
        var registry = new StreamFilterRegistry();
        for (int i = 0; i < filters.Count; i++)
        {
            var factory = filters[i];
            registry.Add($"f{i}", _ => factory);
        }

        return StartJsonAsync(json, registry, log, extensions: extensions);
    }

    /// <summary>Starts a proxy with a whole configuration. Listener addresses end with port 0.</summary>
    /// <param name="json">The configuration.</param>
    /// <param name="registry">The stream filters; null for none.</param>
    /// <param name="log">The error log that the configuration names; it goes away with the proxy.</param>
    /// <param name="certificates">The certificate providers; null for files alone.</param>
    /// <param name="file">The configuration's file, which need not exist; relative paths start from its folder.</param>
    /// <param name="plugins">Runs plugins; null for none.</param>
    /// <param name="extensions">What it can name beside stream filters; null for what comes with the proxy.</param>
    internal static async Task<TestProxy> StartJsonAsync(
        string json, StreamFilterRegistry? registry = null, string log = "", CertificateProviderRegistry? certificates = null, string file = "test.json", IPluginHost? plugins = null,
        ConnectionExtensions? extensions = null)
    {
        var configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), file).Configuration;
        var server = await ProxyServer.StartAsync(configuration, registry ?? new StreamFilterRegistry(), "test", certificates, plugins, extensions);
        return new TestProxy(server, log);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        if (_log.Length > 0 && File.Exists(_log))
        {
            string log = await File.ReadAllTextAsync(_log);
            File.Delete(_log);
            // An exception that reached a loop is a defect, whatever the test was about.
            Assert.DoesNotContain("unexpected: ", log, StringComparison.Ordinal);
        }
    }
}
