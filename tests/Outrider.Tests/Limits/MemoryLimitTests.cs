using System.Text;
using Outrider.Configuration;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Limits;

/// <summary>A process that occupies more memory than it may.</summary>
public sealed class MemoryLimitTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    [Fact]
    public async Task Beyond_the_limit_new_requests_get_503_and_what_rests_closes_until_there_is_room_again()
    {
        var closed = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                await connection.SendAsync(Response("ok"));
            }

            closed.TrySetResult();
        });
        string Json(long limit) => $$"""
            {"servers":[{"default_log_path":"/dev/null","processor":2,"memory_limit":{{limit}},
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"} }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"{{upstream.Address}}"}]}]} }
            """;
        await using var proxy = await TestProxy.StartJsonAsync(Json(1L << 50));
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));

        await proxy.Server.ReloadAsync(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(Json(1)), "test.json").Configuration);
        await Eventually.HoldsAsync(() => proxy.Server.Stats.Memory.IsShort);
        Assert.Equal(503, StatusOf(await proxy.SendAsync(Get)));
        Assert.Equal(1, proxy.Server.Stats.Memory.Refused);
        await closed.Task.SoonAsync();

        await proxy.Server.ReloadAsync(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(Json(0)), "test.json").Configuration);
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));
    }
}
