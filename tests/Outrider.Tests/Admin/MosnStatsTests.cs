using System.Globalization;
using System.Text.Json;
using Outrider.Http.V2.Framing;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;
using Outrider.Tests.Http.V2;

namespace Outrider.Tests.Admin;

/// <summary>MOSN's statistics of clients' side and of the hosts' side (<c>pkg/metrics</c>): each is there under its name, and moves for its cause.</summary>
public sealed class MosnStatsTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    // MOSN's constants, the histograms as its console shows them.
    private static readonly string[] s_downstream =
    [
        "connection_total", "connection_destroy", "connection_active", "bytes_read_total", "bytes_read_buffered", "bytes_write_total", "bytes_write_buffered", "request_total", "request_active",
        "request_reset", "request_time_min", "request_time_max", "request_time_total", "process_time_min", "process_time_max", "process_time_total", "request_failed", "request_200_total", "request_206_total",
        "request_302_total", "request_304_total", "request_400_total", "request_403_total", "request_404_total", "request_416_total", "request_499_total", "request_500_total", "request_502_total",
        "request_503_total", "request_504_total", "request_other_code",
    ];

    private static readonly string[] s_host =
    [
        "connection_total", "connection_close", "connection_active", "connection_con_fail", "connection_retry", "connection_local_close", "connection_remote_close", "connection_local_close_with_active_request",
        "connection_remote_close_with_active_request", "connection_close_notify", "request_total", "request_active", "request_local_reset", "request_remote_reset", "request_timeout", "request_failure_eject",
        "request_pending_overflow", "request_duration_time_min", "request_duration_time_max", "request_duration_time_ewma", "request_duration_time_total", "response_success", "response_failed",
        "response_total_ewma", "response_client_error_ewma", "response_server_error_ewma",
    ];

    private static readonly string[] s_cluster =
    [
        .. s_host, "request_retry", "request_retry_overflow", "lb_subsets_fallback", "lb_subsets_created", "connection_bytes_read_total", "connection_bytes_read_buffered", "connection_bytes_write",
        "connection_bytes_write_buffered",
    ];

    [Fact]
    public async Task Every_name_that_MOSN_has_is_there()
    {
        // Two names of each histogram where MOSN has one constant.
        Assert.Equal(62, s_downstream.Length - 2 + s_cluster.Length - 1);
        using var host = RawUpstream.Answering(Ok);
        await using var proxy = await TestProxy.StartAsync([host.Address]);
        _ = await AskAsync(proxy, Get);

        Assert.Equal(s_downstream.Order(), (await GroupAsync(proxy, "downstream.proxy.global")).Keys.Order());
        Assert.Equal(s_downstream.Order(), (await GroupAsync(proxy, "downstream.listener.l")).Keys.Order());
        Assert.Equal(s_cluster.Order(), (await GroupAsync(proxy, "upstream.cluster.up")).Keys.Order());
        Assert.Equal(s_host.Order(), (await GroupAsync(proxy, "upstream.cluster.up.host." + host.Address)).Keys.Order());
    }

    [Fact]
    public async Task A_request_that_goes_well_counts_on_both_sides()
    {
        using var host = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync(Ok);
        });
        await using var proxy = await TestProxy.StartAsync([host.Address]);

        Assert.StartsWith("HTTP/1.1 200", await AskAsync(proxy, "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc"), StringComparison.Ordinal);

        var client = await UntilAsync(proxy, "downstream.listener.l", "connection_destroy", 1);
        Assert.Equal((1, 0, 3, 2), (client["connection_total"], client["connection_active"], client["bytes_read_total"], client["bytes_write_total"]));
        Assert.Equal((1, 0, 1, 0), (client["request_total"], client["request_active"], client["request_200_total"], client["request_failed"]));
        Assert.All((string[])["request_time_min", "request_time_max", "request_time_total", "process_time_max", "process_time_total"], name => Assert.True(client[name] > 0, name));
        Assert.True(client["process_time_total"] < client["request_time_total"]);
        await Eventually.PassesAsync(async () =>
        {
            foreach (var upstream in new[] { await UntilAsync(proxy, "upstream.cluster.up", "connection_remote_close", 1), await HostAsync(proxy, host) })
            {
                // Nobody was using it when the host closed it.
                Assert.Equal((1, 1, 0, 0, 0), (upstream["connection_total"], upstream["connection_close"], upstream["connection_active"], upstream["connection_local_close"], upstream["connection_remote_close_with_active_request"]));
                Assert.Equal((1, 0, 1, 0), (upstream["request_total"], upstream["request_active"], upstream["response_success"], upstream["response_failed"]));
                Assert.All((string[])["request_duration_time_min", "request_duration_time_max", "request_duration_time_total", "request_duration_time_ewma", "response_total_ewma"], name => Assert.True(upstream[name] > 0, name));
                Assert.Equal(upstream["request_duration_time_min"], upstream["request_duration_time_max"]);
            }
        });

        var cluster = await GroupAsync(proxy, "upstream.cluster.up");
        Assert.Equal((2, 3), (cluster["connection_bytes_read_total"], cluster["connection_bytes_write"]));
    }

    [Theory]
    [InlineData(200, "request_200_total", "response_success", null)]
    [InlineData(206, "request_206_total", "response_success", null)]
    [InlineData(302, "request_302_total", "response_success", null)]
    [InlineData(304, "request_304_total", "response_success", null)]
    [InlineData(400, "request_400_total", "response_success", "response_client_error_ewma")]
    [InlineData(403, "request_403_total", "response_success", "response_client_error_ewma")]
    [InlineData(404, "request_404_total", "response_success", "response_client_error_ewma")]
    [InlineData(416, "request_416_total", "response_success", "response_client_error_ewma")]
    [InlineData(499, "request_499_total", "response_success", "response_client_error_ewma")]
    [InlineData(500, "request_500_total", "response_failed", "response_server_error_ewma")]
    [InlineData(502, "request_502_total", "response_failed", "response_server_error_ewma")]
    [InlineData(503, "request_503_total", "response_failed", "response_server_error_ewma")]
    [InlineData(504, "request_504_total", "response_failed", "response_server_error_ewma")]
    [InlineData(418, "request_other_code", "response_success", "response_client_error_ewma")]
    public async Task An_answer_counts_by_its_status(int status, string client, string upstream, string? rate)
    {
        using var host = RawUpstream.Answering($"HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([host.Address]);

        _ = await AskAsync(proxy, Get);

        var listener = await UntilAsync(proxy, "downstream.listener.l", client, 1);
        Assert.Equal(1, listener.Where(pair => pair.Key.StartsWith("request_", StringComparison.Ordinal) && (char.IsAsciiDigit(pair.Key[8]) || pair.Key == "request_other_code")).Sum(pair => pair.Value));
        await Eventually.PassesAsync(async () =>
        {
            foreach (var counters in new[] { await GroupAsync(proxy, "upstream.cluster.up"), await HostAsync(proxy, host) })
            {
                Assert.Equal(1, counters["response_success"] + counters["response_failed"]);
                Assert.Equal(1, counters[upstream]);
                Assert.Equal(rate == "response_client_error_ewma", counters["response_client_error_ewma"] > 0);
                Assert.Equal(rate == "response_server_error_ewma", counters["response_server_error_ewma"] > 0);
            }
        });
    }

    [Fact]
    public async Task A_host_that_closes_amid_a_request_ejects_it()
    {
        using var host = new RawUpstream(async (connection, number) => _ = await connection.ReadRequestAsync());
        await using var proxy = await TestProxy.StartAsync([host.Address]);

        Assert.StartsWith("HTTP/1.1 502", await AskAsync(proxy, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n"), StringComparison.Ordinal);

        await Eventually.PassesAsync(async () =>
        {
            foreach (var counters in new[] { await UntilAsync(proxy, "upstream.cluster.up", "connection_remote_close_with_active_request", 1), await HostAsync(proxy, host) })
            {
                Assert.Equal((1, 1, 0, 0), (counters["connection_remote_close"], counters["request_failure_eject"], counters["request_remote_reset"], counters["request_local_reset"]));
            }
        });

        _ = await UntilAsync(proxy, "downstream.listener.l", "request_failed", 1);
    }

    [Fact]
    public async Task A_client_that_goes_resets_its_request_and_the_hosts_connection()
    {
        var arrived = new TaskCompletionSource();
        using var host = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            arrived.SetResult();
            _ = await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync([host.Address]);
        using (var client = await RawClient.ConnectAsync(proxy.Port))
        {
            await client.SendAsync(Get);
            await arrived.Task.SoonAsync();
            Assert.Equal((1, 1), ((await GroupAsync(proxy, "downstream.listener.l"))["request_active"], (await HostAsync(proxy, host))["request_active"]));
        }

        _ = await UntilAsync(proxy, "downstream.listener.l", "request_reset", 1);
        await Eventually.PassesAsync(async () =>
        {
            foreach (var counters in new[] { await UntilAsync(proxy, "upstream.cluster.up", "connection_local_close_with_active_request", 1), await HostAsync(proxy, host) })
            {
                Assert.Equal((1, 1, 0, 0), (counters["connection_local_close"], counters["request_local_reset"], counters["connection_remote_close"], counters["request_failure_eject"]));
            }
        });
    }

    [Fact]
    public async Task A_stream_that_the_host_resets_alone_is_a_remote_reset_and_a_farewell_a_notice()
    {
        using var peer = new Http2Peer();
        await using var proxy = await TestProxy.StartAsync([peer.EndPoint.ToString()], upstreamProtocol: "Http2");
        var answer = AskAsync(proxy, Get);
        await peer.AcceptAsync();
        Assert.NotNull(await peer.ReadAsync(FrameType.Headers));
        await peer.SendAsync(FrameType.ResetStream, 0, 1, "00000002");
        await peer.SendAsync(FrameType.GoAway, 0, 0, "0000000100000000");

        Assert.StartsWith("HTTP/1.1 502", await answer, StringComparison.Ordinal);

        await Eventually.PassesAsync(async () =>
        {
            foreach (var counters in new[] { await UntilAsync(proxy, "upstream.cluster.up", "connection_close_notify", 1), await GroupAsync(proxy, $"upstream.cluster.up.host.{peer.EndPoint}") })
            {
                Assert.Equal((1, 0), (counters["request_remote_reset"], counters["request_failure_eject"]));
            }
        });
    }

    [Fact]
    public async Task An_answer_that_says_close_is_a_notice()
    {
        using var host = RawUpstream.Answering("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([host.Address]);

        _ = await AskAsync(proxy, Get);

        var cluster = await UntilAsync(proxy, "upstream.cluster.up", "connection_close_notify", 1);
        Assert.Equal((1, 0, 0), (cluster["connection_close"], cluster["connection_local_close_with_active_request"], cluster["request_local_reset"]));
        Assert.Equal(1, (await HostAsync(proxy, host))["connection_close_notify"]);
    }

    [Fact]
    public async Task A_host_that_is_too_slow_is_a_timeout()
    {
        using var host = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            _ = await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync([host.Address], route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"1s"}}]""");

        Assert.StartsWith("HTTP/1.1 504", await AskAsync(proxy, Get), StringComparison.Ordinal);

        _ = await UntilAsync(proxy, "upstream.cluster.up", "request_timeout", 1);
        Assert.Equal(1, (await HostAsync(proxy, host))["request_timeout"]);
        _ = await UntilAsync(proxy, "downstream.listener.l", "request_504_total", 1);
    }

    [Fact]
    public async Task A_connection_that_cannot_be_made_is_made_to_another_host()
    {
        using var host = RawUpstream.Answering(Ok);
        int dead = OutriderProcess.FreePort();
        await using var proxy = await TestProxy.StartAsync([$"127.0.0.1:{dead}", host.Address]);

        for (int i = 0; i < 2; i++)
        {
            Assert.StartsWith("HTTP/1.1 200", await AskAsync(proxy, Get), StringComparison.Ordinal);
        }

        var cluster = await UntilAsync(proxy, "upstream.cluster.up", "connection_con_fail", 1);
        Assert.Equal((1, 1), (cluster["connection_retry"], cluster["request_retry"]));
        var failed = await GroupAsync(proxy, $"upstream.cluster.up.host.127.0.0.1:{dead}");
        Assert.Equal((1, 1, 0), (failed["connection_con_fail"], failed["connection_retry"], failed["connection_remote_close"]));
    }

    [Fact]
    public async Task What_circuit_breakers_refuse_is_an_overflow()
    {
        var arrived = new TaskCompletionSource();
        using var host = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            arrived.TrySetResult();
            _ = await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync([host.Address], cluster: ""","circuit_breakers":[{"max_requests":1}]""");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);
        await arrived.Task.SoonAsync();

        Assert.StartsWith("HTTP/1.1 503", await AskAsync(proxy, Get), StringComparison.Ordinal);

        _ = await UntilAsync(proxy, "upstream.cluster.up", "request_pending_overflow", 1);
        Assert.Equal(1, (await HostAsync(proxy, host))["request_pending_overflow"]);
    }

    [Fact]
    public async Task A_try_that_the_budget_does_not_allow_is_a_retry_overflow()
    {
        using var host = RawUpstream.Answering("HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync(
            [host.Address], cluster: ""","circuit_breakers":[{"retry_budget":{"budget_percent":0,"min_retry_concurrency":0}}]""",
            route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","retry_policy":{"retry_on":true,"num_retries":1}}}]""");

        Assert.StartsWith("HTTP/1.1 503", await AskAsync(proxy, Get), StringComparison.Ordinal);

        Assert.Equal(0, (await UntilAsync(proxy, "upstream.cluster.up", "request_retry_overflow", 1))["request_retry"]);
    }

    [Fact]
    public async Task A_subset_that_is_not_there_is_fallen_back_from()
    {
        using var host = RawUpstream.Answering(Ok);
        await using var proxy = await TestProxy.StartJsonAsync($$"""
            {"servers":[{"default_log_path":"/dev/null","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"domains":["*"],"routers":[
              {"match":{"prefix":"/there"},"route":{"cluster_name":"up","metadata_match":{"filter_metadata":{"mosn.lb":{"v":"1"} } } } },
              {"match":{"prefix":"/"},"route":{"cluster_name":"up","metadata_match":{"filter_metadata":{"mosn.lb":{"v":"9"} } } } }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","lb_subset_config":{"fall_back_policy":1,"subset_selectors":[["v"]]},"hosts":[
              {"address":"{{host.Address}}","metadata":{"filter_metadata":{"mosn.lb":{"v":"1"} } } },{"address":"127.0.0.1:1","metadata":{"filter_metadata":{"mosn.lb":{"v":"2"} } } }]}]},
            "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":0} } } }
            """);

        _ = await AskAsync(proxy, "GET /there HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.Equal((2, 0), ((await GroupAsync(proxy, "upstream.cluster.up"))["lb_subsets_created"], (await GroupAsync(proxy, "upstream.cluster.up"))["lb_subsets_fallback"]));
        _ = await AskAsync(proxy, Get);

        _ = await UntilAsync(proxy, "upstream.cluster.up", "lb_subsets_fallback", 1);
    }

    [Fact]
    public async Task Bytes_that_wait_are_told_while_they_do()
    {
        using var host = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadAsync();
            // Takes nothing more of the request.
            await Task.Delay(Timeout.Infinite);
        });
        await using var proxy = await TestProxy.StartAsync([host.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        _ = client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n" + new string('x', 30_000_000));
        await UntilAsync(proxy, "upstream.cluster.up", "connection_bytes_write_buffered", value => value > 0);

        using var reader = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n" + new string('x', 30_000_000));
        });
        await using var other = await TestProxy.StartAsync([reader.Address]);
        using var lazy = await RawClient.ConnectAsync(other.Port);
        // Two requests at once, of which the second has to wait; nothing of the answer is read.
        await lazy.SendAsync(Get + Get);
        await UntilAsync(other, "downstream.listener.l", "bytes_write_buffered", value => value > 0);
        await UntilAsync(other, "downstream.listener.l", "bytes_read_buffered", value => value == Get.Length);
    }

    private static async Task<string> AskAsync(TestProxy proxy, string request)
    {
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(request);
        return await client.ReadUntilAsync(text => text.Contains("\r\n\r\n", StringComparison.Ordinal));
    }

    private static Task<Dictionary<string, decimal>> HostAsync(TestProxy proxy, RawUpstream host) => GroupAsync(proxy, "upstream.cluster.up.host." + host.Address);

    private static Task<Dictionary<string, decimal>> UntilAsync(TestProxy proxy, string group, string name, decimal value) => UntilAsync(proxy, group, name, now => now == value);

    private static async Task<Dictionary<string, decimal>> UntilAsync(TestProxy proxy, string group, string name, Func<decimal, bool> isRight)
    {
        Dictionary<string, decimal> counters = [];
        await Eventually.HoldsAsync(() => isRight((counters = GroupAsync(proxy, group).GetAwaiter().GetResult()).GetValueOrDefault(name)), $"{group}: {name}");
        return counters;
    }

    private static async Task<Dictionary<string, decimal>> GroupAsync(TestProxy proxy, string group)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var stats = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://{proxy.AdminEndPoint}/api/v1/stats?key={Uri.EscapeDataString(group)}")));
        return Assert.Single(Assert.Single(stats.RootElement.EnumerateObject()).Value.EnumerateObject()).Value.EnumerateObject()
            .ToDictionary(counter => counter.Name, counter => decimal.Parse(counter.Value.GetString()!, CultureInfo.InvariantCulture));
    }
}
