using System.Text.Json;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Admin;

/// <summary>What whoever stands before the proxy, or watches it, asks: is it ready, and how are the hosts.</summary>
public sealed class ReadinessTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    [Fact]
    public async Task Ready_is_200_while_it_serves_and_503_in_the_lame_duck_time_in_which_connections_close()
    {
        using var upstream = RawUpstream.Answering(Response("ok"));
        await using var proxy = await TestProxy.StartJsonAsync($$"""
            {"servers":[{"default_log_path":"/dev/null","processor":2,"graceful_timeout":"5s","drain_wait":"6s",
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"} }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"{{upstream.Address}}"}]}]},
            "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":0} } } }
            """);
        int admin = proxy.AdminEndPoint.Port;
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(admin, "/ready"), StringComparison.Ordinal);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var reader = new WireReader(client.Socket);
        await client.SendAsync(Get);
        Assert.DoesNotContain("connection: close", (await reader.ReadMessageAsync()).Head, StringComparison.OrdinalIgnoreCase);

        var stopping = proxy.Server.StopAsync();
        await Eventually.HoldsAsync(() => AskAsync(admin, "/ready").Result.StartsWith("HTTP/1.1 503", StringComparison.Ordinal));
        string answer = "";
        await Eventually.HoldsAsync(() => (answer = proxy.SendAsync(Get).Result).Contains("connection: close", StringComparison.OrdinalIgnoreCase) || stopping.IsCompleted);
        Assert.Equal(200, StatusOf(answer));
        await client.SendAsync(Get);
        Assert.Contains("connection: close", (await reader.ReadMessageAsync()).Head, StringComparison.OrdinalIgnoreCase);
        await stopping.SoonAsync();
    }

    [Fact]
    public async Task The_page_of_clusters_shows_each_hosts_health_why_and_since_when()
    {
        using var bad = RawUpstream.Answering("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync(
            [bad.Address], cluster: ""","outlier_detection":{"consecutive_5xx":1,"max_ejection_percent":100},"health_check":{"protocol":"TCP","initial_delay_seconds":"10ms","interval":"1h","service_name":"svc"}""");
        await Eventually.HoldsAsync(() => proxy.Server.Clusters.Find("up")!.Checks!.Stats.Successes == 1);
        Assert.Equal(500, StatusOf(await proxy.SendAsync(Get)));
        await Eventually.HoldsAsync(() => !proxy.Server.Clusters.Find("up")!.Hosts[0].IsHealthy);

        using var json = JsonDocument.Parse(BodyOf(await AskAsync(proxy.AdminEndPoint.Port, "/api/v1/clusters")));
        var cluster = json.RootElement[0];
        Assert.Equal("up", cluster.GetProperty("name").GetString());
        Assert.Equal((1, 0), (cluster.GetProperty("hosts_total").GetInt32(), cluster.GetProperty("hosts_healthy").GetInt32()));
        Assert.Equal(1, cluster.GetProperty("ejections_total").GetInt32());
        var host = cluster.GetProperty("hosts")[0];
        Assert.Equal(bad.Address, host.GetProperty("address").GetString());
        Assert.Equal((false, false, true), (host.GetProperty("healthy").GetBoolean(), host.GetProperty("failed_checks").GetBoolean(), host.GetProperty("ejected").GetBoolean()));
        Assert.StartsWith("ejected for 30 s: 1 responses of 500", host.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.InRange(DateTimeOffset.Parse(host.GetProperty("since").GetString()!, System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Equal(1, host.GetProperty("requests_total").GetInt32());
        Assert.True(host.GetProperty("latency_ms").GetDouble() > 0);

        string stats = await AskAsync(proxy.AdminEndPoint.Port, "/api/v1/stats");
        Assert.Contains("\"service.svc\"", stats, StringComparison.Ordinal);
        Assert.Contains("\"success\": \"1\"", stats, StringComparison.Ordinal);
        Assert.Contains("\"request_pending_overflow\": \"0\"", stats, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404", await AskAsync(proxy.AdminEndPoint.Port, "/api/v1/clusters?cluster=none"), StringComparison.Ordinal);
    }

    private static Task<string> AskAsync(int port, string path) => RawClient.ExchangeAsync(port, $"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
}
