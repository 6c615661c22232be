using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class ClientFaultTests
{
    public static TheoryData<bool> Both => [true, false];

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_client_that_leaves_in_the_middle_of_its_head_leaves_nothing_behind(bool reset)
    {
        await using var proxy = await TestProxy.StartAsync([]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET / HTTP/1.1\r\nhost");
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 1);
        Leave(client, reset);

        await NothingIsLeftAsync(proxy);
        Assert.Equal(0, proxy.Stats.StreamsTotal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_client_that_leaves_in_the_middle_of_its_body_is_cut_off_at_the_upstream(bool reset)
    {
        var closed = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) => await UntilClosedAsync(connection, closed));
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf");
        await Eventually.HoldsAsync(() => upstream.Received.EndsWith("half", StringComparison.Ordinal));
        Leave(client, reset);

        await closed.Task.SoonAsync();
        await NothingIsLeftAsync(proxy);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_client_that_leaves_while_the_upstream_thinks_sets_the_upstream_free(bool reset)
    {
        var closed = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) => await UntilClosedAsync(connection, closed));
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        await Eventually.HoldsAsync(() => upstream.Received.Length > 0);
        Leave(client, reset);

        await closed.Task.SoonAsync();
        await NothingIsLeftAsync(proxy);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_client_that_leaves_in_the_middle_of_the_response_sets_the_upstream_free(bool reset)
    {
        var closed = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
            try
            {
                await connection.Socket.SendAllAsync(new byte[100_000_000]);
            }
            catch (System.Net.Sockets.SocketException)
            {
                closed.SetResult();
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        _ = await new WireReader(client.Socket).ReadBytesAsync(100_000);
        Leave(client, reset);

        await closed.Task.SoonAsync();
        await NothingIsLeftAsync(proxy);
    }

    [Fact]
    public async Task A_client_that_leaves_while_the_connection_is_being_made_leaves_no_stream_behind()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        for (int i = 0; i < 50; i++)
        {
            using var client = await RawClient.ConnectAsync(proxy.Port);
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            client.Reset();
        }

        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, ConnectionsActive: 0 });
    }

    [Fact]
    public async Task A_client_that_shuts_down_after_its_request_still_gets_an_answer_that_comes_soon()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await Task.Delay(100);
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        // Soon is a second, which a busy machine may take for itself: one answer that was in time is enough.
        await Eventually.HoldsAsync(
            async () =>
            {
                using var client = await RawClient.ConnectAsync(proxy.Port);
                await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
                client.Shutdown();
                return (await client.ReadToEndAsync()).EndsWith("\r\n\r\nok", StringComparison.Ordinal);
            });
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, ConnectionsActive: 0 });
    }

    [Fact]
    public async Task A_client_that_leaves_while_a_second_host_is_tried_is_noticed()
    {
        var closed = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            if (number == 2)
            {
                // The first connection carried a request and dies; this one is the second try.
                await UntilClosedAsync(connection, closed);
                return;
            }

            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            _ = await connection.ReadRequestAsync();
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        _ = await client.ReadResponseAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        // Not before: a client that is gone is not tried for, once that is noticed.
        await Eventually.HoldsAsync(() => upstream.Connections == 2);
        client.Shutdown();

        await closed.Task.SoonAsync();
        await NothingIsLeftAsync(proxy);
    }

    [Fact]
    public async Task A_client_that_shuts_down_gets_a_long_answer_as_long_as_it_flows()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            for (int i = 0; i < 20; i++)
            {
                await Task.Delay(100);
                await connection.SendAsync("1\r\nx\r\n");
            }

            await connection.SendAsync("0\r\n\r\n");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        // Twice the second in which something must flow. A busy machine may stop it for as long now and then, but not each time.
        await Eventually.HoldsAsync(
            async () =>
            {
                using var client = await RawClient.ConnectAsync(proxy.Port);
                await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi");
                client.Shutdown();
                return (await new WireReader(client.Socket).ReadMessageAsync()).Body == new string('x', 20);
            });
    }

    [Fact]
    public async Task A_head_that_drips_in_is_cut_off_with_408()
    {
        await using var proxy = await TestProxy.StartAsync([], extendConfig: "\"header_timeout\":\"300ms\"");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var reading = client.ReadToEndAsync();

        try
        {
            foreach (char c in "GET / HTTP/1.1\r\nhost: a\r\nx-slow: " + new string('x', 1000))
            {
                if (reading.IsCompleted)
                {
                    break;
                }

                await client.SendAsync(c.ToString());
                await Task.Delay(20);
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The proxy has closed; what it said is what counts.
        }

        Assert.StartsWith("HTTP/1.1 408", await reading, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0);
    }

    [Theory]
    [InlineData("content-length: 100\r\n\r\nhalf")]
    [InlineData("transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    [InlineData("transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nx-half: ")]
    public async Task A_body_that_stops_is_cut_off_with_408(string start)
    {
        var closed = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) => await UntilClosedAsync(connection, closed));
        await using var proxy = await TestProxy.StartAsync([upstream.Address], extendConfig: "\"body_timeout\":\"200ms\"");

        string answer = await RawClient.ExchangeAsync(proxy.Port, "POST / HTTP/1.1\r\nhost: a\r\n" + start);

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        await closed.Task.SoonAsync();
        await NothingIsLeftAsync(proxy);
    }

    [Fact]
    public async Task A_connection_without_a_request_is_closed_after_the_idle_timeout()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address], listener: ""","connection_idle_timeout":"2s" """);
        using var silent = await RawClient.ConnectAsync(proxy.Port);
        using var served = await RawClient.ConnectAsync(proxy.Port);

        await served.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        string answer = await served.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal("", await silent.ReadToEndAsync());
        await Eventually.HoldsAsync(() => proxy.Stats is { ConnectionsIdleClosed: 2, ConnectionsActive: 0 });
    }

    [Fact]
    public async Task An_idle_timeout_of_zero_is_none()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address], listener: ""","connection_idle_timeout":"0s" """);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        for (int i = 0; i < 2; i++)
        {
            await Task.Delay(150);
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_reader_that_never_reads_is_closed_after_the_send_timeout()
    {
        var closed = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
            try
            {
                await connection.Socket.SendAllAsync(new byte[100_000_000]);
            }
            catch (System.Net.Sockets.SocketException)
            {
                closed.SetResult();
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], extendConfig: "\"send_timeout\":\"300ms\"");
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");

        await closed.Task.SoonAsync();
        await NothingIsLeftAsync(proxy);
    }

    [Fact]
    public async Task An_upstream_that_never_reads_is_given_up_after_the_send_timeout()
    {
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) => await go.Task);
        await using var proxy = await TestProxy.StartAsync([upstream.Address], extendConfig: "\"send_timeout\":\"300ms\"");
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n");
        var sending = client.Socket.SendAllAsync(new byte[100_000_000]);

        Assert.StartsWith("HTTP/1.1 504", await client.ReadResponseAsync(), StringComparison.Ordinal);
        go.SetResult();
        await NothingIsLeftAsync(proxy);
        try
        {
            await sending;
        }
        catch (System.Net.Sockets.SocketException)
        {
            // As it should: nobody takes the rest.
        }
    }

    private static void Leave(RawClient client, bool reset)
    {
        if (reset)
        {
            client.Reset();
        }
        else
        {
            client.Dispose();
        }
    }

    private static async Task UntilClosedAsync(UpstreamConnection connection, TaskCompletionSource closed)
    {
        try
        {
            while (await connection.ReadAsync() is { Length: > 0 })
            {
            }
        }
        finally
        {
            closed.SetResult();
        }
    }

    private static Task NothingIsLeftAsync(TestProxy proxy)
        => Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, ConnectionsActive: 0, UpstreamConnectionsActive: 0 });
}
