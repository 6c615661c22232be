using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Modules;

/// <summary>What routes configure of their own for the filters of modules.</summary>
public sealed class RouteConfigurationTests
{
    private const string Routes = """
        [{"match":{"path":"/one"},"route":{"cluster_name":"up"},"per_filter_config":{"first":"text","second":{"a":1}}},{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]
        """;

    [CompilerFact("gcc")]
    public async Task A_modules_filter_gets_its_routes_configuration_by_its_name_in_the_module()
    {
        // A library of its own, as what lives in it is counted.
        string module = BuiltModule.C("routed", "-DSHARED");
        using var upstream = Mirror();
        string[] entries = [ModuleProxy.Entry(module, "first", "\"own\""), ModuleProxy.Entry(module, "second", "\"own\"")];
        await using (var proxy = await ModuleProxy.StartAsync([upstream.Address], entries, routes: Routes))
        {
            string routed = await proxy.SendAsync("GET /one HTTP/1.1\r\nhost: a\r\n\r\n");
            Assert.Contains("x-config: first:text\r\n", routed, StringComparison.Ordinal);
            Assert.Contains("x-config: second:{\"a\":1}\r\n", routed, StringComparison.Ordinal);
            string other = await proxy.SendAsync("GET /two HTTP/1.1\r\nhost: a\r\n\r\n");
            Assert.Contains("x-config: first:own\r\n", other, StringComparison.Ordinal);
            Assert.Contains("x-config: second:own\r\n", other, StringComparison.Ordinal);
            Assert.Equal(2, BuiltModule.Ask(module, "routed_live"));

            var again = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(ModuleProxy.Json([upstream.Address], entries, routes: Routes.Replace("text", "again", StringComparison.Ordinal), log: "/dev/null")), "test.json");
            await proxy.Server.ReloadAsync(again.Configuration);
            await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "routed_live") == 2);
            Assert.Contains("x-config: first:again\r\n", await proxy.SendAsync("GET /one HTTP/1.1\r\nhost: a\r\n\r\n"), StringComparison.Ordinal);
        }

        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "routed_live") == 0);
    }

    [CompilerFact("gcc")]
    public async Task A_module_that_refuses_it_is_quoted_and_one_that_takes_none_is_named()
    {
        string module = BuiltModule.C("routed");
        string wrong = Routes.Replace("\"text\"", "\"wrong\"", StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => ModuleProxy.StartAsync(["127.0.0.1:1"], [ModuleProxy.Entry(module, "first"), ModuleProxy.Entry(module, "second")], routes: wrong));
        Assert.Contains("routers[0].per_filter_config.first: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("not this one", refused.Message, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "routed_live") == 0);

        string every = BuiltModule.Every;
        var none = await Assert.ThrowsAsync<ConfigurationException>(() => ModuleProxy.StartAsync(["127.0.0.1:1"], [ModuleProxy.Entry(every, "first"), ModuleProxy.Entry(every, "second")], routes: Routes));
        Assert.Contains($"the module {every} takes no configuration of a route", none.Message, StringComparison.Ordinal);
    }
}
