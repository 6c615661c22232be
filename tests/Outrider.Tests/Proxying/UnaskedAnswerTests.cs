using Outrider.Filters;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

/// <summary>What an upstream sends on a connection at rest is never the answer to the next request, however busy the loop is meanwhile.</summary>
public sealed class UnaskedAnswerTests : IDisposable
{
    private const string Good = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood";
    private const string Evil = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";

    private readonly ManualResetEventSlim _go = new();
    private readonly TaskCompletionSource _stuck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<UpstreamConnection> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RawUpstream _upstream;

    public UnaskedAnswerTests() => _upstream = new RawUpstream(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 })
        {
            await connection.SendAsync(Good);
            _first.TrySetResult(connection);
        }
    });

    public void Dispose()
    {
        _go.Set();
        _upstream.Dispose();
        _go.Dispose();
    }

    [Fact]
    public async Task One_that_came_while_the_request_waited_for_its_turn_is_not_taken_for_its_answer()
    {
        await using var proxy = await TestProxy.StartAsync([_upstream.Address], [Blocking()]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        using var other = await RawClient.ConnectAsync(proxy.Port);
        await AskAsync(client, "/1");
        var pooled = await _first.Task.SoonAsync();

        await other.SendAsync("GET /block HTTP/1.1\r\nhost: a\r\n\r\n");
        await _stuck.Task.SoonAsync();
        // The request's event comes first in the batch, the unasked answer's second.
        await client.SendAsync("GET /2 HTTP/1.1\r\nhost: a\r\n\r\n");
        await pooled.SendAsync(Evil);
        // What came within the last 5 ms before the request was sent cannot be told from its answer (docs/http1.md).
        await Task.Delay(20);
        _go.Set();

        Assert.EndsWith("good", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.EndsWith("good", await other.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(0, proxy.Stats.Responses5xx);
    }

    [Fact]
    public async Task One_that_came_while_the_requests_own_filter_was_at_work_is_not_taken_for_its_answer()
    {
        await using var proxy = await TestProxy.StartAsync([_upstream.Address], [Blocking()]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await AskAsync(client, "/1");
        var pooled = await _first.Task.SoonAsync();

        await client.SendAsync("GET /block HTTP/1.1\r\nhost: a\r\n\r\n");
        await _stuck.Task.SoonAsync();
        await pooled.SendAsync(Evil);
        // Longer than a moment ago, which is the least that can be told apart: two clock ticks of the loop.
        await Task.Delay(20);
        _go.Set();

        Assert.EndsWith("good", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(2, _upstream.Connections);
    }

    private Script Blocking() => new()
    {
        DecodeHeaders = (_, headers, _) =>
        {
            if (headers.Path.EndsWith("block"u8))
            {
                _stuck.TrySetResult();
                Assert.True(_go.Wait(Eventually.Patience));
            }

            return FilterAction.Continue;
        },
    };

    private static async Task AskAsync(RawClient client, string path)
    {
        await client.SendAsync($"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.EndsWith("good", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }
}
