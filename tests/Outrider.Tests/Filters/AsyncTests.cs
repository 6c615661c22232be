using System.Collections.Concurrent;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>What is special about filters that await. That their answers mean the same as at once, the other tests show by trying every <see cref="Pace"/>.</summary>
public sealed class AsyncTests
{
    [Fact]
    public async Task What_follows_an_await_runs_on_the_streams_own_loop()
    {
        var threads = new ConcurrentQueue<(string? Before, string? After)>();
        var filter = new Script
        {
            DecodeHeadersAsync = async (filter, _) =>
            {
                string? before = Thread.CurrentThread.Name;
                await Task.Run(() => Thread.Sleep(1));
                threads.Enqueue((before, Thread.CurrentThread.Name));
                Assert.Same(filter.Loop ?? EventLoop.Current, EventLoop.Current);
                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter], loops: 2);

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => proxy.SendAsync(Get))), response => Assert.Equal(200, StatusOf(response)));

        Assert.Equal(20, threads.Count);
        Assert.All(threads, pair => Assert.Equal(pair.Before, pair.After));
        Assert.All(threads, pair => Assert.StartsWith("loop-", pair.After, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_filter_that_ends_on_another_thread_is_followed_on_the_loop()
    {
        var away = new Script
        {
            DecodeHeadersAsync = async (_, _) =>
            {
                await Task.Delay(1).ConfigureAwait(false);
                Assert.Null(EventLoop.Current);
                return FilterAction.Continue;
            },
            EncodeHeadersAsync = async (_, _) =>
            {
                await Task.Delay(1).ConfigureAwait(false);
                return FilterAction.Continue;
            },
        };
        // A script's own methods fail where they are not on the loop.
        var behind = new Script { DecodeHeaders = (_, _, _) => FilterAction.Continue, EncodeHeaders = (_, _, _) => FilterAction.Continue };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [away, behind]);

        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));
        await proxy.AssertEndedAsync(away, behind);
    }

    [Fact]
    public async Task Other_streams_of_the_loop_go_on_while_a_filter_waits()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var filter = new Script
        {
            DecodeHeadersAsync = async (_, headers) =>
            {
                if (headers.Path.SequenceEqual("/wait"u8))
                {
                    await gate.Task;
                }

                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        var waiting = Enumerable.Range(0, 50).Select(_ => proxy.SendAsync(Get.Replace("GET / ", "GET /wait ", StringComparison.Ordinal))).ToList();
        await EventuallyAsync(() => proxy.Stats.StreamsActive == 50);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));
        }

        Assert.All(waiting, task => Assert.False(task.IsCompleted));
        gate.SetResult();
        Assert.All(await Task.WhenAll(waiting), response => Assert.Equal(200, StatusOf(response)));
        await proxy.AssertEndedAsync(filter);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task Many_streams_wait_at_once_in_every_method(Pace pace)
    {
        var filter = new Script
        {
            Pace = pace,
            DecodeHeaders = (f, headers, _) => { f.State = headers.PathString; return FilterAction.Continue; },
            DecodeData = (_, _, _) => FilterAction.Continue,
            EncodeHeaders = (f, headers, _) => { headers.Set("x-path", (string)f.State!); return FilterAction.Continue; },
            EncodeData = (_, _, _) => FilterAction.Continue,
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter], loops: 2);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            using var client = await RawClient.ConnectAsync(proxy.Port);
            for (int n = 0; n < 5; n++)
            {
                await client.SendAsync(Post($"body {i}", $"/{i}/{n}"));
                string response = await client.ReadResponseAsync();
                Assert.Contains($"\r\nx-path: /{i}/{n}\r\n", response, StringComparison.Ordinal);
                Assert.EndsWith($"\r\n\r\nbody {i}", response, StringComparison.Ordinal);
            }
        }));

        Assert.Equal(200, filter.Filters.Count);
        await proxy.AssertEndedAsync(filter);
    }

    [Fact]
    public async Task The_body_waits_with_the_client_while_a_filter_waits()
    {
        var gate = new TaskCompletionSource();
        var filter = new Script { DecodeHeadersAsync = async (_, _) => { await gate.Task; return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        string body = new('x', 3_000_000);

        var response = proxy.SendAsync(Post(body));
        await EventuallyAsync(() => proxy.Stats.StreamsActive == 1);
        Assert.Empty(upstream.Received);
        gate.SetResult();

        Assert.EndsWith(body, await response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipelined_requests_wait_for_the_one_before_them()
    {
        var seen = new ConcurrentQueue<string>();
        var filter = new Script { Pace = Pace.Delayed, DecodeHeaders = (_, headers, _) => { seen.Enqueue(headers.PathString); return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        string all = await RawClient.ExchangeAsync(
            proxy.Port, "GET /1 HTTP/1.1\r\nhost: a\r\n\r\n" + Post("body", "/2") + "GET /3 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        Assert.Equal(["/1", "/2", "/3"], seen);
        Assert.Equal(4, all.Split("HTTP/1.1 200 OK").Length);
    }
}
