using Outrider.Filters;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Modules;
using Outrider.Tests.Nginx;

namespace Outrider.Tests.Boundaries;

/// <summary>No filter makes a message that its reader would take for two, on any base.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class BoundaryTests(EnvoyModules modules, NginxModule nginxModule)
{
    private const string TestFilters = "tests/modules/test-filters";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_filter_in_our_proxy_moves_the_end_of_a_message(bool sees)
    {
        using var check = new BoundaryCheck();
        IStreamFilterFactory factory = sees ? new StreamFilterFactory<SeenBoundariesFilter>(() => new()) : new StreamFilterFactory<BoundariesFilter>(() => new());
        await using var proxy = await TestProxy.StartAsync([check.Upstream.Address], [factory]);

        await check.RunAsync(proxy.Port, () => proxy.Log);
    }

    [EnvoyFact]
    public async Task No_filter_inside_Envoy_moves_the_end_of_a_message()
    {
        string module = await modules.PublishAsync(TestFilters);
        foreach (string filter in new[] { "boundaries", "seen-boundaries" })
        {
            using var check = new BoundaryCheck();
            using var envoy = await EnvoyProcess.StartAsync(modules, check.Upstream.Port, [EnvoyYaml.Filter(module, filter)]);

            await check.RunAsync(envoy.Port, () => envoy.Log);
        }
    }

    [NginxFact]
    public async Task No_filter_inside_nginx_moves_the_end_of_a_message()
    {
        string module = nginxModule.Place(Path.Combine(modules.Folder, $"lib{await modules.PublishAsync(TestFilters)}.so"));
        foreach (string filter in new[] { "boundaries", "seen-boundaries" })
        {
            using var check = new BoundaryCheck();
            using var nginx = await NginxProcess.StartAsync(
                nginxModule,
                $"outrider_module t {module}; upstream up {{ server {check.Upstream.Address}; keepalive 4; }}",
                $"location / {{ outrider_filter t {filter}; proxy_pass http://up; }}");

            await check.RunAsync(nginx.Port, () => nginx.Log);
        }
    }

    [CompilerFact("gcc")]
    public async Task No_module_in_our_proxy_moves_the_end_of_a_message()
    {
        string module = Path.Combine(modules.Folder, $"lib{await modules.PublishAsync(TestFilters)}.so");
        foreach (string filter in new[] { "boundaries", "seen-boundaries" })
        {
            using var check = new BoundaryCheck();
            await using var proxy = await ModuleProxy.StartAsync([check.Upstream.Address], [ModuleProxy.Entry(module, filter)]);

            await check.RunAsync(proxy.Port, () => proxy.Log);
        }
    }
}
