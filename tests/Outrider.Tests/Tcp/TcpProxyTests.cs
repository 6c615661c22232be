using System.Globalization;
using System.Net.Sockets;
using Outrider.Tests.Harness;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Tcp;

/// <summary>Bytes through a <c>tcp_proxy</c>.</summary>
public sealed class TcpProxyTests
{
    private static RawUpstream Echo() => new(async (connection, _) =>
    {
        while (await connection.ReadAsync() is { Length: > 0 } text)
        {
            await connection.SendAsync(text);
        }
    });

    [Fact]
    public async Task What_the_client_sends_reaches_the_host_and_its_answer_comes_back()
    {
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, TcpLab.Cluster("up", upstream.Address));
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("hello\0\r\nGET");
        Assert.Equal("hello\0\r\nGET", await client.ReadUntilAsync(text => text.Length == 11));
        Assert.Equal(1, lab.Stats.TcpSessionsActive);
        client.Shutdown();
        Assert.Equal("", await client.ReadToEndAsync());

        string remote = client.Socket.LocalEndPoint!.ToString()!;
        Assert.Equal($"TCP {remote} 127.0.0.1:{port} up {upstream.Address} 11 11 - - 1", (await lab.LinesAsync())[0]);
        await Eventually.HoldsAsync(() => lab.Stats.TcpSessionsActive == 0);
        Assert.Equal((1, 0, 11, 11), (lab.Stats.TcpSessionsTotal, lab.Stats.TcpSessionsActive, lab.Stats.BytesIn, lab.Stats.BytesOut));
    }

    [Fact]
    public async Task A_host_may_speak_first_and_a_side_that_has_ended_still_receives()
    {
        await using var lab = new TcpLab();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.SendAsync("banner ");
            string all = "";
            while (await connection.ReadAsync() is { Length: > 0 } text)
            {
                all += text;
            }

            // Only after the client's end: half-closed, the other way goes on.
            await connection.SendAsync("got " + all);
        });
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, TcpLab.Cluster("up", upstream.Address));
        using var client = await RawClient.ConnectAsync(port);
        Assert.Equal("banner ", await client.ReadUntilAsync(text => text.EndsWith(' ')));
        await client.SendAsync("one");
        client.Shutdown();
        Assert.Equal("got one", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task The_client_may_go_on_sending_when_the_host_has_ended()
    {
        await using var lab = new TcpLab();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            connection.Socket.Shutdown(SocketShutdown.Send);
            while (await connection.ReadAsync() is { Length: > 0 })
            {
            }
        });
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, TcpLab.Cluster("up", upstream.Address));
        using var client = await RawClient.ConnectAsync(port);
        Assert.Equal("", await client.ReadToEndAsync());
        await client.SendAsync("late");
        client.Shutdown();
        await Eventually.HoldsAsync(() => upstream.Received == "late");
        Assert.Contains(" 4 0 - ", (await lab.LinesAsync())[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Much_goes_both_ways_whole_and_a_slow_reader_holds_the_sender_back()
    {
        const int size = 64 * 1024 * 1024;
        await using var lab = new TcpLab();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        long received = 0;
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await go.Task;
            while (await connection.ReadAsync() is { Length: > 0 } text)
            {
                received += text.Length;
            }

            await connection.SendAsync(received.ToString(CultureInfo.InvariantCulture));
        })
        { Remembers = false };
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, TcpLab.Cluster("up", upstream.Address));
        using var client = await RawClient.ConnectAsync(port);
        var sending = Task.Run(async () =>
        {
            await client.SendAsync(new byte[size]);
            client.Shutdown();
        });
        // Until nothing moves any more: what was taken lies in the kernel's buffers and in one read of ours.
        long taken = -1;
        await Eventually.HoldsAsync(() =>
        {
            long before = taken;
            taken = lab.Stats.BytesIn;
            return taken > 0 && taken == before;
        });
        Assert.InRange(taken, 1, size / 2);
        Assert.False(sending.IsCompleted);
        go.SetResult();
        await sending.SoonAsync();
        Assert.Equal(size.ToString(CultureInfo.InvariantCulture), await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_host_that_refuses_is_followed_by_the_next_as_often_as_may_be()
    {
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int closed = FreePorts.Next();
        string cluster = $$"""{"name":"up","type":"SIMPLE","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"127.0.0.1:{{closed}}"},{"address":"{{upstream.Address}}"}]}""";
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up","max_connect_attempts":2}""")}}] """, cluster);
        for (int i = 0; i < 4; i++)
        {
            using var client = await RawClient.ConnectAsync(port);
            await client.SendAsync("x");
            Assert.Equal("x", await client.ReadUntilAsync(text => text.Length == 1));
        }

        Assert.Contains(await lab.LinesAsync(4), line => line.EndsWith(" 2", StringComparison.Ordinal));
        Assert.Equal(0, lab.Stats.TcpSessionsFailed);
    }

    [Fact]
    public async Task A_connection_without_a_host_closes_and_the_log_says_why()
    {
        await using var lab = new TcpLab();
        int closed = FreePorts.Next();
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, TcpLab.Cluster("up", $"127.0.0.1:{closed}"));
        using var client = await RawClient.ConnectAsync(port);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.EndsWith($" up 127.0.0.1:{closed} 0 0 UF - 1", (await lab.LinesAsync())[0], StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => lab.Stats.TcpSessionsFailed == 1);
    }

    [Fact]
    public async Task Routes_choose_by_addresses_and_ports_and_the_first_that_fits_counts()
    {
        await using var lab = new TcpLab();
        using var a = Echo();
        using var b = Echo();
        using var c = Echo();
        int port = FreePorts.Next();
        string config = $$"""
            {"cluster":"c","routes":[
              {"cluster":"a","source_addrs":[{"Address":"10.0.0.0","Length":8}]},
              {"cluster":"a","destination_port":"{{port + 1}}-{{port + 1}}"},
              {"cluster":"b","source_addrs":["127.0.0.0/8"],"destination_addrs":["127.0.0.1"],"destination_port":"1,{{port}}"},
              {"cluster":"a"}]}
            """;
        await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain(config)}}] """, $"{TcpLab.Cluster("a", a.Address)},{TcpLab.Cluster("b", b.Address)},{TcpLab.Cluster("c", c.Address)}", port: port);
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("x");
        Assert.Equal("x", await client.ReadUntilAsync(text => text.Length == 1));
        Assert.Equal((0, 1, 0), (a.Connections, b.Connections, c.Connections));
    }

    [Fact]
    public async Task Weights_share_the_connections_out_and_a_weight_of_none_gets_none()
    {
        await using var lab = new TcpLab();
        using var a = Echo();
        using var b = Echo();
        using var c = Echo();
        const string config = """{"weighted_clusters":{"clusters":[{"name":"a","weight":1},{"name":"b","weight":1},{"name":"c","weight":0}]}}""";
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain(config)}}] """, $"{TcpLab.Cluster("a", a.Address)},{TcpLab.Cluster("b", b.Address)},{TcpLab.Cluster("c", c.Address)}");
        // All on one side has a chance of 2 in 2^64.
        for (int i = 0; i < 64; i++)
        {
            using var client = await RawClient.ConnectAsync(port);
            await client.SendAsync("x");
            Assert.Equal("x", await client.ReadUntilAsync(text => text.Length == 1));
        }

        Assert.Equal((64, 0), (a.Connections + b.Connections, c.Connections));
        Assert.True(a.Connections > 0 && b.Connections > 0);
    }

    [Fact]
    public async Task A_session_in_which_nothing_moves_ends()
    {
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up","idle_timeout":50000000}""")}}] """, TcpLab.Cluster("up", upstream.Address));
        using var client = await RawClient.ConnectAsync(port);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.EndsWith(" 0 0 SI - 1", (await lab.LinesAsync())[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_of_one_side_is_a_reset_for_the_other()
    {
        await using var lab = new TcpLab();
        var reset = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            try
            {
                while (await connection.ReadAsync() is { Length: > 0 })
                {
                }

                reset.SetResult(false);
            }
            catch (SocketException e)
            {
                reset.SetResult(e.SocketErrorCode == SocketError.ConnectionReset);
            }
        });
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, TcpLab.Cluster("up", upstream.Address));
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("x");
        await Eventually.HoldsAsync(() => upstream.Received == "x");
        client.Reset();
        Assert.True(await reset.Task.SoonAsync());
        Assert.Contains(" 1 0 DC ", (await lab.LinesAsync())[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_lets_sessions_go_on_and_cuts_what_is_left_when_the_patience_is_over()
    {
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, TcpLab.Cluster("up", upstream.Address));
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("a");
        Assert.Equal("a", await client.ReadUntilAsync(text => text.Length == 1));
        var stopping = lab.StopAsync();
        await client.SendAsync("b");
        Assert.Equal("b", await client.ReadUntilAsync(text => text.Length == 1));
        Assert.Equal("", await client.ReadToEndAsync());
        await stopping.SoonAsync();
        Assert.Contains(" 2 2 LR ", (await lab.LinesAsync())[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_may_end_here_and_begin_anew_to_the_host()
    {
        await using var lab = new TcpLab();
        await using var secure = new TcpLab();
        using var upstream = Echo();
        // The host that speaks TLS is a second proxy, which ends it.
        int host = await secure.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""", $"\"tls_context\":{secure.Tls.Context()},")}}] """, TcpLab.Cluster("up", upstream.Address));
        string cluster = TcpLab.Cluster("up", $"127.0.0.1:{host}", $$""","tls_context":{"status":true,"server_name":"localhost","ca_cert":"{{secure.Tls.Path("ca.pem")}}"}""");
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""", $"\"tls_context\":{lab.Tls.Context()},")}}] """, cluster);
        await using var client = await TlsClient.ConnectAsync(port);
        await client.SendAsync("secret");
        Assert.Equal("secret"u8.ToArray(), await client.ReadAsync(6));
        await Eventually.HoldsAsync(() => upstream.Received == "secret");
        await client.Stream.ShutdownAsync();
        Assert.Empty(await client.ReadAsync(1));
        Assert.EndsWith(" 6 6 - localhost 1", (await lab.LinesAsync())[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task The_host_learns_who_the_client_is(string version)
    {
        await using var lab = new TcpLab();
        await using var behind = new TcpLab();
        using var upstream = Echo();
        // Who reads the header is our own listener filter, and its access log tells what it read.
        int host = await behind.StartAsync(
            $$""" "listener_filters":[{"type":"proxy_protocol","config":{"trusted_addresses":["127.0.0.1"]} }],"filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """,
            TcpLab.Cluster("up", upstream.Address));
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain($$"""{"cluster":"up","proxy_protocol":"{{version}}"}""")}}] """, TcpLab.Cluster("up", $"127.0.0.1:{host}"));
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("x");
        Assert.Equal("x", await client.ReadUntilAsync(text => text.Length == 1));
        string remote = client.Socket.LocalEndPoint!.ToString()!;
        client.Shutdown();
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.StartsWith($"TCP {remote} 127.0.0.1:{port} up ", (await behind.LinesAsync())[0], StringComparison.Ordinal);
        Assert.Equal("x", upstream.Received);
    }
}
