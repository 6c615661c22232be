using System.Net;
using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class RetryTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    [Fact]
    public async Task Where_one_of_two_hosts_is_dead_every_request_is_served_by_the_other()
    {
        string dead;
        using (var gone = new TcpListener(IPAddress.Loopback, 0))
        {
            gone.Start();
            dead = gone.LocalEndpoint.ToString()!;
        }

        using var upstream = RawUpstream.Answering(Ok);
        await using var proxy = await TestProxy.StartAsync([dead, upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        for (int i = 0; i < 20; i++)
        {
            string body = i % 2 == 0 ? "" : new string('x', i * 1000);
            await client.SendAsync(i % 2 == 0 ? "GET / HTTP/1.1\r\nhost: a\r\n\r\n" : $"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {body.Length}\r\n\r\n{body}");
            Assert.StartsWith("HTTP/1.1 200", (await answers.ReadMessageAsync()).Head, StringComparison.Ordinal);
        }

        Assert.InRange(proxy.Stats.Retries, 5, 20);
    }

    [Theory]
    [InlineData(64 * 1024)]
    [InlineData(3 * 1024 * 1024)]
    public async Task A_large_body_goes_whole_to_the_host_that_takes_it(int length)
    {
        string dead;
        using (var gone = new TcpListener(IPAddress.Loopback, 0))
        {
            gone.Start();
            dead = gone.LocalEndpoint.ToString()!;
        }

        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            while (await reader.ReadHeadAsync() is { Length: > 0 } head)
            {
                string digest = TestBytes.Digest(await reader.ReadBodyAsync(head));
                await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {digest.Length}\r\n\r\n{digest}");
            }
        });
        await using var proxy = await TestProxy.StartAsync([dead, upstream.Address]);
        var body = TestBytes.Make(length);

        for (int i = 0; i < 4; i++)
        {
            using var client = await RawClient.ConnectAsync(proxy.Port);
            await client.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
            await client.SendAsync(body);
            Assert.Equal(TestBytes.Digest(body), (await new WireReader(client.Socket).ReadMessageAsync()).Body);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody")]
    [InlineData("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n")]
    public async Task A_pooled_connection_that_has_died_is_not_the_clients_trouble(string request)
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync(Ok);
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        for (int i = 0; i < 200; i++)
        {
            await client.SendAsync(request);
            Assert.Equal("ok", (await answers.ReadMessageAsync()).Body);
            if (request[0] == 'P')
            {
                // A request that may not be sent twice is safe only when the end was there before it: see the next test.
                await Eventually.HoldsAsync(() => proxy.Stats.UpstreamConnectionsActive == 0);
            }
        }
    }

    [Fact]
    public async Task Requests_that_race_with_the_end_of_pooled_connections_are_all_served()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            for (int i = 0; i < 3; i++)
            {
                _ = await connection.ReadRequestAsync();
                await connection.SendAsync(Ok);
            }

            // Now and then after the next request is on its way.
            await Task.Delay(number % 3);
            if (number % 2 == 0)
            {
                connection.Reset();
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async index =>
        {
            using var client = await RawClient.ConnectAsync(proxy.Port);
            var answers = new WireReader(client.Socket);
            for (int i = 0; i < 200; i++)
            {
                await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
                Assert.Equal("ok", (await answers.ReadMessageAsync()).Body);
            }
        }));
    }

    [Fact]
    public async Task A_POST_that_was_sent_is_never_repeated()
    {
        int posts = 0;
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                if (request.StartsWith("POST", StringComparison.Ordinal))
                {
                    _ = Interlocked.Increment(ref posts);
                    return;
                }

                await connection.SendAsync(Ok);
            }
        });
        using var other = RawUpstream.Answering(Ok);
        await using var proxy = await TestProxy.StartAsync([upstream.Address], route: Route("""{"retry_on":true,"num_retries":3}"""));
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.Equal("ok", (await answers.ReadMessageAsync()).Body);
        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody");

        Assert.StartsWith("HTTP/1.1 502", (await answers.ReadMessageAsync()).Head, StringComparison.Ordinal);
        Assert.Equal(1, posts);
        Assert.Equal(1, upstream.Connections);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody")]
    public async Task A_policy_tries_failed_statuses_again(string request)
    {
        int requests = 0;
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                await connection.SendAsync(Interlocked.Increment(ref requests) < 3 ? "HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy" : Ok);
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], route: Route("""{"retry_on":true,"num_retries":2}"""));
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync(request);

        Assert.Equal("ok", (await new WireReader(client.Socket).ReadMessageAsync()).Body);
        Assert.Equal(3, requests);
        Assert.Equal(2, proxy.Stats.Retries);
        Assert.EndsWith(request.Split("\r\n\r\n")[1], upstream.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_gives_up_after_so_many_tries_and_passes_the_last_answer_on()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy");
        await using var proxy = await TestProxy.StartAsync([upstream.Address], route: Route("""{"retry_on":true,"num_retries":2}"""));
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");

        Assert.Equal("busy", (await new WireReader(client.Socket).ReadMessageAsync()).Body);
        Assert.Equal(2, proxy.Stats.Retries);
    }

    [Fact]
    public async Task A_policy_tries_a_broken_connection_again_even_where_there_is_one_host()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            if (number == 3)
            {
                await connection.SendAsync(Ok);
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], route: Route("""{"retry_on":true,"num_retries":2}"""));
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");

        Assert.Equal("ok", (await new WireReader(client.Socket).ReadMessageAsync()).Body);
        Assert.Equal(3, upstream.Connections);
    }

    [Fact]
    public async Task A_policy_may_give_each_try_less_time_than_the_route_gives_all()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            if (number == 3)
            {
                await connection.SendAsync(Ok);
            }

            _ = await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], route: Route("""{"retry_on":true,"num_retries":2,"retry_timeout":"2s"}"""));
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");

        Assert.Equal("ok", (await new WireReader(client.Socket).ReadMessageAsync()).Body);
        Assert.Equal(3, upstream.Connections);
        Assert.Equal(2, proxy.Stats.UpstreamTimeouts);
    }

    [Theory]
    [InlineData(1, 6)]
    [InlineData(2, 3)]
    [InlineData(0, 1)]
    public async Task A_connection_carries_as_many_requests_as_the_cluster_allows(int most, int connections)
    {
        using var upstream = RawUpstream.Answering(Ok);
        await using var proxy = await TestProxy.StartAsync([upstream.Address], cluster: $",\"max_request_per_conn\":{most}");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        for (int i = 0; i < 6; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            Assert.Equal("ok", (await answers.ReadMessageAsync()).Body);
        }

        Assert.Equal(connections, upstream.Connections);
    }

    [Fact]
    public async Task A_pooled_connection_is_closed_when_it_has_rested_for_long_enough()
    {
        var closed = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync(Ok);
            if (await connection.ReadAsync() is "")
            {
                closed.SetResult();
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], cluster: ""","idle_timeout":"200ms" """);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        _ = await client.ReadResponseAsync();

        await closed.Task.SoonAsync();
        await Eventually.HoldsAsync(() => proxy.Stats.UpstreamConnectionsActive == 0);
    }

    private static string Route(string policy) => $$$"""[{"match":{"prefix":"/"},"route":{"cluster_name":"up","retry_policy":{{{policy}}}}}]""";
}
