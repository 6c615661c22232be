using System.Text;
using Outrider.Filters;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Nginx;

namespace Outrider.Tests.Conformance;

/// <summary>
/// Two filters in one chain, the same outcome on every base: in which order they are called, what each sees of the other, and that both end once. As in
/// <see cref="ConformanceTests"/>, a base joins with a test here.
/// </summary>
[Collection(EnvoyCollection.Name)]
public sealed class PairTests(EnvoyModules modules, NginxModule nginxModule)
{
    private const string Filters = "tests/modules/conformance-filters";
    private const string Filter = "paired";

    [Fact]
    public async Task Two_filters_in_our_engine()
    {
        using var check = new ConformanceCheck();
        string log = Path.Combine(Path.GetTempPath(), $"outrider-conformance-{Guid.NewGuid():n}.log");
        string json = $$$$$"""
            {"servers":[{"default_log_path":"{{{{{log}}}}}","default_log_level":"INFO",
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,
              "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r"}}]}],
              "stream_filters":[{"type":"paired","config":{"place":"a"}},{"type":"paired","config":{"place":"b"}}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","type":"SIMPLE","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{{{{check.Upstream.Address}}}}}"}]}]}}
            """;
        var registry = new StreamFilterRegistry();
        registry.Add<PairedFilter, PairedConfig>(Filter, PairedJson.Default.PairedConfig, config => new(config));
        await using var proxy = await TestProxy.StartJsonAsync(json, registry, log);

        await check.RunPairsAsync(new("engine", proxy.Port, () => Task.FromResult(""), () => proxy.Log));
    }

    [EnvoyFact]
    public async Task The_same_two_inside_Envoy()
    {
        string module = await modules.PublishAsync(Filters);
        using var check = new ConformanceCheck();
        using var envoy = await StartEnvoyAsync(check, place => EnvoyYaml.Filter(module, Filter, EnvoyYaml.Struct($"{{ place: {place} }}"), place));

        await check.RunPairsAsync(new("Envoy", envoy.Port, () => Task.FromResult(""), () => envoy.Log));
    }

    [EnvoyFact]
    public async Task The_same_two_in_an_assembly_inside_Envoy()
    {
        await HostedFolder.MakeAsync(modules);
        string assembly = await modules.BuildAsync(Filters);
        using var check = new ConformanceCheck();
        using var envoy = await StartEnvoyAsync(check, place => EnvoyYaml.Filter(HostedFolder.Module, Filter, HostedFolder.Config(assembly, $"{{ place: {place} }}"), place));

        await check.RunPairsAsync(new("Envoy", envoy.Port, () => Task.FromResult(""), () => envoy.Log));
    }

    [NginxFact]
    public async Task The_same_two_inside_nginx()
    {
        string module = nginxModule.Place(Path.Combine(modules.Folder, $"lib{await modules.PublishAsync(Filters)}.so"));
        using var check = new ConformanceCheck();
        using var nginx = await NginxProcess.StartAsync(
            nginxModule,
            $"outrider_module t {module}; upstream up {{ server {check.Upstream.Address}; keepalive 4; }}",
            $"outrider_filter t {Filter} '{{\"place\":\"a\"}}'; outrider_filter t {Filter} '{{\"place\":\"b\"}}'; "
                + "location / { proxy_set_header host $http_host; proxy_pass http://up; }");

        await check.RunPairsAsync(new("nginx", nginx.Port, () => Task.FromResult(""), () => nginx.Log));
    }

    private Task<EnvoyProcess> StartEnvoyAsync(ConformanceCheck check, Func<string, string> filter) => EnvoyProcess.StartAsync(
        modules,
        check.Upstream.Port,
        [filter("a"), filter("b")],
        routes: "{ name: main, match: { prefix: \"/\" }, route: { cluster: trailing } }",
        clusters: $"  - {EnvoyYaml.ClusterWithTrailers("trailing", check.Upstream.Port)}\n");
}
