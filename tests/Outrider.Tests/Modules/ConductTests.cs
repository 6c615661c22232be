using System.Text;
using Outrider.Configuration;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Modules;

/// <summary>What other people's modules do in production, and the proxy has to stand.</summary>
public sealed class ConductTests
{
    [CompilerFact("gcc")]
    public async Task An_answer_from_a_filters_making_is_sent()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.C("early"), "");
        string response = await proxy.SendAsync(Get);
        Assert.Equal((403, "too early"), (StatusOf(response), BodyOf(response)));
    }

    [CompilerFact("gcc")]
    public async Task Events_of_a_configuration_come_in_their_order()
    {
        string module = BuiltModule.C("config");
        await using var proxy = await ModuleProxy.StartAsync("127.0.0.1:1", module, "order");
        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "config_in_order") is 1000 or < 0);
        Assert.Equal(1000, BuiltModule.Ask(module, "config_in_order"));
    }

    [CompilerFact("gcc")]
    public async Task A_module_that_is_busy_with_a_configuration_does_not_hold_up_its_end()
    {
        string module = BuiltModule.C("config", "-DBLOCKS");
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, module, "block");
        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "config_blocked") == 1);
        try
        {
            var next = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(ModuleProxy.Json([upstream.Address], [])), "test.json").Configuration;
            await proxy.Server.ReloadAsync(next).WaitAsync(Eventually.Patience);
            Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));
        }
        finally
        {
            _ = BuiltModule.Ask(module, "config_release");
        }
    }

    [CompilerFact("gcc")]
    public async Task A_client_that_took_nothing_leaves_nothing_to_the_stream_after_it()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(BuiltModule.C("flood"), "")], "\"max_buffered_body_size\": 65536");
        using (var idle = await RawClient.ConnectAsync(proxy.Port))
        {
            // Far more than sockets hold: what waits is over the limit, and the stream ends.
            await idle.SendAsync("GET / HTTP/1.1\r\nhost: x\r\nx-kilobytes: 65536\r\n\r\n");
            await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0 && proxy.Stats.StreamsTotal == 1);
        }

        string response = await proxy.SendAsync("GET / HTTP/1.1\r\nhost: x\r\nx-polite: yes\r\nx-kilobytes: 1024\r\n\r\n");
        Assert.Equal(1024 * 1024, Dechunk(BodyOf(response)).Length);
    }
}
