using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>However a stream ends, <c>OnLog</c> and <c>OnDestroy</c> come once, in that order, and after every other call.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task After_an_answer()
    {
        var filter = All(Pace.AtOnce);
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(Post("body"));
            await client.ReadResponseAsync();
        }

        Assert.Equal(3, filter.Filters.Count);
        await proxy.AssertEndedAsync(filter);
        Assert.All(filter.Filters, f => Assert.Equal(["DecodeHeaders", "DecodeData", "EncodeHeaders", "EncodeData", "OnLog", "OnDestroy"], f.Calls));
    }

    [Fact]
    public async Task When_no_upstream_can_be_reached()
    {
        var filter = All(Pace.AtOnce);
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [filter]);

        Assert.Equal(502, StatusOf(await proxy.SendAsync(Post("body"))));
        await proxy.AssertEndedAsync(filter);
    }

    [Theory]
    [InlineData("", 502)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01", 200)]
    [InlineData("nonsense\r\n\r\n", 502)]
    public async Task When_the_upstream_goes_away(string answer, int status)
    {
        var filter = All(Pace.AtOnce);
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(answer);
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        Assert.Equal(status, StatusOf(await proxy.SendAsync(Post("body"))));
        await proxy.AssertEndedAsync(filter);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_client_goes_away_amid_its_request(bool reset)
    {
        var filter = All(Pace.AtOnce);
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Post("body")[..^2]);
        await EventuallyAsync(() => filter.Filters.Any(f => f.Calls.Contains("DecodeData")));

        Leave(client, reset);

        await proxy.AssertEndedAsync(filter);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_client_goes_away_while_the_upstream_works(bool reset)
    {
        var filter = All(Pace.AtOnce);
        using var upstream = new RawUpstream(async (connection, _) => { await connection.ReadRequestAsync(); await connection.ReadAsync(); });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Post("body"));
        await EventuallyAsync(() => upstream.Received.EndsWith("body", StringComparison.Ordinal));

        Leave(client, reset);

        await proxy.AssertEndedAsync(filter);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_client_goes_away_while_a_filter_waits_it_is_told_and_ends_after_its_call(bool reset)
    {
        bool aborted = false;
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var filter = new Script
        {
            DecodeHeadersAsync = async (f, _) =>
            {
                entered.SetResult();
                var token = f.Context.Aborted;
                var cancelled = new TaskCompletionSource();
                using var registration = token.Register(() => cancelled.SetResult());
                await cancelled.Task;
                aborted = true;
                await gate.Task;
                // The stream is still this filter's, however long it takes.
                Assert.Equal("/", f.Context.RequestHeaders.PathString);
                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);
        await entered.Task;

        Leave(client, reset);

        await EventuallyAsync(() => aborted);
        Assert.Empty(filter.Filters.Single().Calls);
        gate.SetResult();
        await proxy.AssertEndedAsync(filter);
        Assert.Empty(upstream.Received);
        Assert.Equal(0, proxy.Stats.FilterErrors);
    }

    [Fact]
    public async Task Hundreds_of_clients_that_leave_waiting_filters_leave_nothing_behind()
    {
        var filter = new Script
        {
            DecodeHeadersAsync = async (f, _) =>
            {
                try
                {
                    await Task.Delay(-1, f.Context.Aborted);
                }
                catch (OperationCanceledException)
                {
                }

                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter], loops: 2);
        var clients = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => RawClient.ConnectAsync(proxy.Port)));
        await Task.WhenAll(clients.Select(client => client.SendAsync(Get)));
        await EventuallyAsync(() => filter.Filters.Count == 200);

        foreach (var client in clients)
        {
            client.Reset();
        }

        await proxy.AssertEndedAsync(filter);
        await EventuallyAsync(() => proxy.Stats.ConnectionsActive == 0);
    }

    [Fact]
    public async Task When_the_upstream_takes_too_long()
    {
        var filter = All(Pace.AtOnce);
        using var upstream = new RawUpstream(async (connection, _) => { await connection.ReadRequestAsync(); await connection.ReadAsync(); });
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address], [filter], route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"50ms"}}]""");

        Assert.Equal(504, StatusOf(await proxy.SendAsync(Post("body"))));
        await proxy.AssertEndedAsync(filter);
    }

    [Fact]
    public async Task When_the_requests_body_is_not_HTTP()
    {
        var filter = All(Pace.AtOnce);
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        Assert.Equal(400, StatusOf(await proxy.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nnot a chunk\r\n")));
        await proxy.AssertEndedAsync(filter);
    }

    [Fact]
    public async Task A_filter_that_can_be_reset_serves_the_next_stream_too()
    {
        var kept = new Script { Reset = () => true, DecodeHeaders = (_, _, _) => FilterAction.Continue };
        var fresh = new Script { Reset = () => false, DecodeHeaders = (_, _, _) => FilterAction.Continue };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [kept, fresh]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal(200, StatusOf(await client.ReadResponseAsync()));
        }

        await EventuallyAsync(() => proxy.Stats.StreamsActive == 0);
        Assert.Equal(["DecodeHeaders", "OnLog", "OnDestroy", "DecodeHeaders", "OnLog", "OnDestroy", "DecodeHeaders", "OnLog", "OnDestroy"], kept.Filters.Single().Calls);
        Assert.Equal(3, fresh.Filters.Count);
    }

    [Fact]
    public async Task The_stream_is_there_from_the_first_call_to_the_last_and_not_after()
    {
        var inDestroy = 0L;
        var filter = new Script { DecodeHeaders = (_, _, _) => FilterAction.Continue, Destroy = f => inDestroy = f.Context.Id };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        await proxy.SendAsync(Get);
        await proxy.AssertEndedAsync(filter);

        Assert.NotEqual(0, inDestroy);
        Assert.Throws<InvalidOperationException>(() => filter.Filters.Single().Context);
    }

    [Fact]
    public async Task A_request_that_never_became_one_has_no_filters()
    {
        var filter = new Script { DecodeHeaders = (_, _, _) => FilterAction.Continue };
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [filter]);

        Assert.Equal(400, StatusOf(await proxy.SendAsync("GET / HTTP/1.1\r\nbad header\r\n\r\n")));
        Assert.Empty(filter.Filters);
    }

    private static Script All(Pace pace) => new()
    {
        Pace = pace,
        DecodeHeaders = (_, _, _) => FilterAction.Continue,
        DecodeData = (_, _, _) => FilterAction.Continue,
        EncodeHeaders = (_, _, _) => FilterAction.Continue,
        EncodeData = (_, _, _) => FilterAction.Continue,
    };

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
}
