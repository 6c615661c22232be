using Outrider.Filters;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Proxying;

/// <summary>A response whose status a filter made one without a body (RFC 9110 §6.4.1), while the upstream sends one.</summary>
public sealed class UnwantedBodyTests
{
    private const string Endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nmore\r\n";

    public static TheoryData<Pace, bool, int> Ways()
    {
        var ways = new TheoryData<Pace, bool, int>();
        foreach (var pace in Enum.GetValues<Pace>())
        {
            ways.Add(pace, false, 204);
            ways.Add(pace, true, 204);
            ways.Add(pace, true, 304);
        }

        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task One_without_an_end_does_not_hold_up_the_clients_next_request(Pace pace, bool seesBody, int status)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                if (request.StartsWith("GET /next ", StringComparison.Ordinal))
                {
                    await connection.SendAsync(Response("next"));
                    continue;
                }

                await connection.SendAsync(Endless);
                if (await connection.ReadAsync() is { Length: 0 })
                {
                    ended.TrySetResult();
                }

                return;
            }
        });
        int pieces = 0, ends = 0;
        var script = new Script
        {
            Pace = pace,
            EncodeHeaders = (filter, headers, _) =>
            {
                if (filter.Context.RequestHeaders.PathString == "/endless")
                {
                    headers.Status = status;
                }

                return FilterAction.Continue;
            },
            EncodeData = !seesBody ? null : (filter, data, endStream) =>
            {
                if (filter.Context.RequestHeaders.PathString == "/endless")
                {
                    _ = endStream ? Interlocked.Increment(ref ends) : Interlocked.Increment(ref pieces);
                }

                return FilterAction.Continue;
            },
        };
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [script]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET /endless HTTP/1.1\r\nhost: a\r\n\r\nGET /next HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        string both = await client.ReadToEndAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", both, StringComparison.Ordinal);
        Assert.Equal("next", BodyOf(BodyOf(both)));
        await ended.Task.SoonAsync();
        Assert.Equal(seesBody ? 1 : 0, ends);
        await proxy.AssertEndedAsync(script);
        Assert.Equal(0, proxy.Stats.Responses5xx);
    }

    [Fact]
    public async Task One_that_came_with_the_head_leaves_the_upstreams_connection_usable()
    {
        using var upstream = Mirror();
        var script = new Script
        {
            EncodeHeaders = (_, headers, _) =>
            {
                headers.Status = 304;
                return FilterAction.Continue;
            },
        };
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [script]);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(304, StatusOf(await proxy.SendAsync(Get.Replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n", StringComparison.Ordinal))));
        }

        Assert.Equal(1, upstream.Connections);
    }
}
