using Outrider.Filters;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Nginx;

namespace Outrider.Tests.Conformance;

/// <summary>
/// The same filter, the same input, the same outcome on every base: what the client and the upstream see, and which calls the filter gets
/// in which order. A base joins with a test here; what it forces to differ is in <see cref="ForcedDifference"/> and in <c>docs/bases.md</c>.
/// </summary>
[Collection(EnvoyCollection.Name)]
public sealed class ConformanceTests(EnvoyModules modules, NginxModule nginxModule)
{
    private const string Filters = "tests/modules/conformance-filters";
    private const string Filter = "scripted";

    [Fact]
    public async Task A_filter_in_our_engine()
    {
        using var check = new ConformanceCheck();
        string log = Path.Combine(Path.GetTempPath(), $"outrider-conformance-{Guid.NewGuid():n}.log");
        string json = $$$$$"""
            {"servers":[{"default_log_path":"{{{{{log}}}}}","default_log_level":"INFO",
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[
              {"match":{"prefix":"/other"},"route":{"cluster_name":"up","request_headers_to_add":[{"header":{"key":"x-mark","value":"again"}}]}},
              {"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,
              "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r"}}]}],
              "stream_filters":[{"type":"scripted"}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","type":"SIMPLE","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{{{{check.Upstream.Address}}}}}"}]}]},
            "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":0}}}}
            """;
        var registry = new StreamFilterRegistry();
        registry.Add<ScriptedFilter, ScriptedConfig>(Filter, ScriptedJson.Default.ScriptedConfig, config => new(config));
        await using var proxy = await TestProxy.StartJsonAsync(json, registry, log);
        using var client = new HttpClient();

        await check.RunAsync(new("engine", proxy.Port, () => client.GetStringAsync(new Uri($"http://{proxy.AdminEndPoint}/metrics")), () => proxy.Log));
    }

    [Fact]
    public async Task The_same_filter_in_the_host_of_unit_tests()
    {
        using var check = new ConformanceCheck();
        using var host = new MemoryBase(check.Upstream.Port);

        await check.RunAsync(new("memory", host.Port, () => Task.FromResult(host.Metrics), () => host.Log));
    }

    [EnvoyFact]
    public async Task The_same_filter_inside_Envoy()
    {
        string module = await modules.PublishAsync(Filters);
        using var check = new ConformanceCheck();
        using var envoy = await EnvoyProcess.StartAsync(
            modules,
            check.Upstream.Port,
            [EnvoyYaml.Filter(module, Filter)],
            routes: "{ name: other, match: { prefix: \"/other\" }, route: { cluster: trailing }, request_headers_to_add: [ { header: { key: x-mark, value: again } } ] }, "
                + "{ name: main, match: { prefix: \"/\" }, route: { cluster: trailing } }",
            clusters: $"  - {EnvoyYaml.ClusterWithTrailers("trailing", check.Upstream.Port)}\n");

        await check.RunAsync(new("Envoy", envoy.Port, () => envoy.AdminAsync("stats/prometheus?filter=conformance"), () => envoy.Log));
    }

    // The assembly itself, by the module that starts .NET.
    [EnvoyFact]
    public async Task The_same_filter_in_an_assembly_inside_Envoy()
    {
        await HostedFolder.MakeAsync(modules);
        string assembly = await modules.BuildAsync(Filters);
        using var check = new ConformanceCheck();
        using var envoy = await EnvoyProcess.StartAsync(
            modules,
            check.Upstream.Port,
            [EnvoyYaml.Filter(HostedFolder.Module, Filter, HostedFolder.Config(assembly))],
            routes: "{ name: other, match: { prefix: \"/other\" }, route: { cluster: trailing }, request_headers_to_add: [ { header: { key: x-mark, value: again } } ] }, "
                + "{ name: main, match: { prefix: \"/\" }, route: { cluster: trailing } }",
            clusters: $"  - {EnvoyYaml.ClusterWithTrailers("trailing", check.Upstream.Port)}\n");

        await check.RunAsync(new("Envoy", envoy.Port, () => envoy.AdminAsync("stats/prometheus?filter=conformance"), () => envoy.Log));
    }

    [NginxFact]
    public async Task The_same_filter_inside_nginx()
    {
        string module = nginxModule.Place(Path.Combine(modules.Folder, $"lib{await modules.PublishAsync(Filters)}.so"));
        using var check = new ConformanceCheck();
        using var nginx = await NginxProcess.StartAsync(
            nginxModule,
            $"outrider_module t {module}; upstream up {{ server {check.Upstream.Address}; keepalive 4; }}",
            $"outrider_filter t {Filter}; location = /metrics {{ outrider_filter off; outrider_metrics; }} "
                + "location / { proxy_set_header host $http_host; proxy_pass http://up; } "
                + "location /other { proxy_set_header host $http_host; proxy_set_header x-mark again; proxy_pass http://up; }");

        await check.RunAsync(new("nginx", nginx.Port, () => nginx.GetAsync("/metrics"), () => nginx.Log));
    }
}
