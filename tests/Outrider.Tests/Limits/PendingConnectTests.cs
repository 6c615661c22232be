using System.Text;
using Outrider.Configuration;
using Outrider.Tests.Harness;
using Outrider.Tests.Logging;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Limits;

/// <summary>As many connections to hosts are being made as there may be, over all clusters and loops.</summary>
public sealed class PendingConnectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TaskCompletionSource _end = new();

    // They take connections and never begin TLS: for the proxy that is a connection on its way.
    private readonly RawUpstream _one, _other;

    public PendingConnectTests() => (_one, _other) = (Silent(), Silent());

    public void Dispose()
    {
        _ = _end.TrySetResult();
        _one.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task One_more_is_503_at_once_with_the_flag_UO_until_there_is_room_again()
    {
        await using var proxy = await TestProxy.StartJsonAsync(Json(2));
        var pending = proxy.Server.Stats.PendingConnects;
        var first = proxy.SendAsync(Get("/one"));
        var second = proxy.SendAsync(Get("/other"));
        await Eventually.HoldsAsync(() => pending.Count == 2);

        foreach (string path in (string[])["/one", "/other", "/one"])
        {
            string answer = await proxy.SendAsync(Get(path)).SoonAsync();
            Assert.Equal(503, StatusOf(answer));
            Assert.Contains("max_pending_connects", answer, StringComparison.Ordinal);
        }

        Assert.Equal((2, 3), (pending.Count, pending.Refused));
        _end.SetResult();
        Assert.Equal((502, 502), (StatusOf(await first.SoonAsync()), StatusOf(await second.SoonAsync())));
        await Eventually.HoldsAsync(() => pending.Count == 0);
        Assert.Equal(502, StatusOf(await proxy.SendAsync(Get("/one")).SoonAsync()));
        Assert.Equal((0, 3), (pending.Count, pending.Refused));
        await Eventually.HoldsAsync(() => File.ReadAllLines(_folder.File("access.log")).Length == 6);
        Assert.Equal(3, File.ReadAllLines(_folder.File("access.log")).Count(line => line == "503 UO"));
    }

    [Fact]
    public async Task A_TCP_session_counts_too_and_a_connection_that_is_there_does_not()
    {
        using var plain = RawUpstream.Answering(Response("ok"));
        await using var proxy = await TestProxy.StartJsonAsync(Json(1, plain.Address, loops: 1));
        var pending = proxy.Server.Stats.PendingConnects;
        // Connections that are there, to any number of hosts, take no place.
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get("/plain"))));
        Assert.Equal((0, 0), (pending.Count, pending.Refused));

        int tcp = proxy.Server.Listeners.Skip(1).Select(listener => ((System.Net.IPEndPoint)listener.EndPoint).Port).Single();
        using var session = await RawClient.ConnectAsync(tcp);
        await Eventually.HoldsAsync(() => pending.Count == 1);
        using var refused = await RawClient.ConnectAsync(tcp);
        Assert.Equal("", await refused.ReadToEndAsync());
        Assert.Equal((1, 1), (pending.Count, pending.Refused));
        Assert.Equal(503, StatusOf(await proxy.SendAsync(Get("/one")).SoonAsync()));
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get("/plain"))));

        // The client of the first goes away, and gives its place back.
        session.Reset();
        await Eventually.HoldsAsync(() => pending.Count == 0);
    }

    [Fact]
    public async Task A_reload_changes_the_limit_and_none_is_none()
    {
        await using var proxy = await TestProxy.StartJsonAsync(Json(1));
        var pending = proxy.Server.Stats.PendingConnects;
        var first = proxy.SendAsync(Get("/one"));
        await Eventually.HoldsAsync(() => pending.Count == 1);
        Assert.Equal(503, StatusOf(await proxy.SendAsync(Get("/one")).SoonAsync()));

        await proxy.Server.ReloadAsync(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(Json(0)), "test.json").Configuration);
        Task<string>[] more = [.. Enumerable.Range(0, 5).Select(_ => proxy.SendAsync(Get("/other")))];
        await Eventually.HoldsAsync(() => pending.Count == 6);

        _end.SetResult();
        Assert.All(await Task.WhenAll([first, .. more]).SoonAsync(), answer => Assert.Equal(502, StatusOf(answer)));
        Assert.Equal((0, 1), (pending.Count, pending.Refused));
    }

    private static string Get(string path) => $"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n";

    private RawUpstream Silent() => new(async (_, _) => await _end.Task);

    private string Json(int limit, string plain = "127.0.0.1:1", int loops = 2)
    {
        string Cluster(string name, string host, bool tls)
            => $$"""{"name":"{{name}}","connect_timeout":"20s"{{(tls ? ""","tls_context":{"status":true,"insecure_skip":true}""" : "")}},"hosts":[{"address":"{{host}}"}]}""";
        string Route(string name) => $$"""{"match":{"prefix":"/{{name}}"},"route":{"cluster_name":"{{name}}"} }""";
        return $$"""
            {"servers":[{"default_log_path":"/dev/null","processor":{{loops}},"graceful_timeout":"1s","max_pending_connects":{{limit}},
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{{Route("one")}},{{Route("other")}},{{Route("plain")}}]}]}],
            "listeners":[
              {"name":"l","address":"127.0.0.1:0","bind_port":true,"access_logs":[{"log_path":"{{_folder.File("access.log")}}","log_format":"%response_code% %response_flags%"}],
               "filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}]},
              {"name":"t","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"tcp_proxy","config":{"cluster":"one"} }]}]}]}],
            "cluster_manager":{"clusters":[{{Cluster("one", _one.Address, true)}},{{Cluster("other", _other.Address, true)}},{{Cluster("plain", plain, false)}}]} }
            """;
    }
}
