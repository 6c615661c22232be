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
        await using var proxy = await TestProxy.StartAsync([check.Upstream.Address], [new StreamFilterFactory<ScriptedFilter>(() => new())]);

        await check.RunAsync("engine", proxy.Port);
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
            routes: "{ name: main, match: { prefix: \"/\" }, route: { cluster: trailing } }",
            clusters: $"  - {EnvoyYaml.ClusterWithTrailers("trailing", check.Upstream.Port)}\n");

        await check.RunAsync("Envoy", envoy.Port);
    }

    [NginxFact]
    public async Task The_same_filter_inside_nginx()
    {
        string module = nginxModule.Place(Path.Combine(modules.Folder, $"lib{await modules.PublishAsync(Filters)}.so"));
        using var check = new ConformanceCheck();
        using var nginx = await NginxProcess.StartAsync(
            nginxModule,
            $"outrider_module t {module}; upstream up {{ server {check.Upstream.Address}; keepalive 4; }}",
            $"location / {{ outrider_filter t {Filter}; proxy_pass http://up; }}");

        await check.RunAsync("nginx", nginx.Port);
    }
}
