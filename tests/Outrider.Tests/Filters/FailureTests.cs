using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

public sealed class FailureTests
{
    private const string Mark = "the-filters-own-words";

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task What_a_method_throws_fails_that_stream_with_500_and_no_other(Pace pace)
    {
        // Each throws for requests that say so, and only for them.
        var scripts = new Dictionary<string, Script>
        {
            ["DecodeHeaders"] = new() { Pace = pace, DecodeHeaders = (f, _, _) => Throw(f) },
            ["DecodeData"] = new() { Pace = pace, DecodeData = (f, _, _) => Throw(f) },
            ["DecodeTrailers"] = new() { Pace = pace, DecodeTrailers = (f, _) => Throw(f) },
            ["DecodeRequest"] = new() { Pace = pace, DecodeRequest = (f, _, _, _) => Throw(f) },
            ["AfterRoute"] = new() { Pace = pace, Phase = ReceiverPhase.AfterRoute, DecodeHeaders = (f, _, _) => Throw(f) },
            ["AfterChooseHost"] = new() { Pace = pace, Phase = ReceiverPhase.AfterChooseHost, DecodeHeaders = (f, _, _) => Throw(f) },
            ["EncodeHeaders"] = new() { Pace = pace, EncodeHeaders = (f, _, _) => Throw(f) },
            ["EncodeResponse"] = new() { Pace = pace, EncodeResponse = (f, _, _, _) => Throw(f) },
        };
        foreach (var (method, script) in scripts)
        {
            var bystander = new Script { DecodeHeaders = (_, _, _) => FilterAction.Continue };
            using var upstream = RawUpstream.Answering(Response("ok"));
            await using var proxy = await TestProxy.StartAsync([upstream.Address], [bystander, script]);
            string request = method == "DecodeTrailers" ? PostChunkedWith("x-sum: 1\r\n", "body") : PostChunked("body");

            string failed = await proxy.SendAsync(request.Replace("HTTP/1.1\r\n", "HTTP/1.1\r\nx-throw: 1\r\n", StringComparison.Ordinal));
            Assert.True(StatusOf(failed) == 500, $"{method}: {failed}");
            Assert.DoesNotContain(Mark, failed, StringComparison.Ordinal);
            Assert.Contains("filter 'f1' on listener 'l'", proxy.Log, StringComparison.Ordinal);
            Assert.Contains(Mark, proxy.Log, StringComparison.Ordinal);
            Assert.Equal(200, StatusOf(await proxy.SendAsync(Post("body"))));
            Assert.Equal(1, proxy.Stats.FilterErrors);
            await proxy.AssertEndedAsync(bystander, script);
        }
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task What_a_method_throws_after_the_head_was_sent_cuts_the_response_off(Pace pace)
    {
        var scripts = new Script[]
        {
            new() { Pace = pace, EncodeData = (f, _, _) => Throw(f) },
            new() { Pace = pace, EncodeTrailers = (f, _) => Throw(f) },
        };
        foreach (var script in scripts)
        {
            using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n");
            await using var proxy = await TestProxy.StartAsync([upstream.Address], [script]);

            string response = await RawClient.ExchangeAsync(proxy.Port, Get.Replace("\r\n\r\n", "\r\nx-throw: 1\r\n\r\n", StringComparison.Ordinal));

            Assert.DoesNotContain("0\r\n", BodyOf(response), StringComparison.Ordinal);
            Assert.DoesNotContain("HTTP/1.1 500", response, StringComparison.Ordinal);
            Assert.Contains("filter 'f0'", proxy.Log, StringComparison.Ordinal);
            Assert.Equal(200, StatusOf(await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")));
            await proxy.AssertEndedAsync(script);
        }
    }

    [Fact]
    public async Task A_constructor_that_throws_fails_the_stream_and_ends_the_filters_made_before_it()
    {
        int made = 0;
        var before = new Script { Reset = () => true, DecodeHeaders = (_, _, _) => FilterAction.Continue };
        var broken = new Script { Constructor = () => { if (++made == 1) { throw new InvalidOperationException(Mark); } } };
        var behind = new Script { Reset = () => true, EncodeHeaders = (_, _, _) => FilterAction.Continue };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [before, broken, behind]);

        Assert.Equal(500, StatusOf(await proxy.SendAsync(Post("body"))));
        Assert.Contains("filter 'f1'", proxy.Log, StringComparison.Ordinal);
        Assert.Empty(behind.Filters);
        await proxy.AssertEndedAsync(before);
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Post("body"))));
        await EventuallyAsync(() => proxy.Stats.StreamsActive == 0);
        Assert.Equal(1, proxy.Stats.FilterErrors);
    }

    [Fact]
    public async Task Filters_kept_from_the_last_stream_are_not_told_of_one_that_could_not_begin()
    {
        int made = 0;
        var broken = new Script { Constructor = () => { if (++made == 2) { throw new InvalidOperationException(Mark); } } };
        var kept = new Script { Reset = () => true };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [broken, kept]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        foreach (int status in new[] { 200, 500, 200 })
        {
            await client.SendAsync(Get);
            Assert.Equal(status, StatusOf(await client.ReadResponseAsync()));
        }

        await EventuallyAsync(() => proxy.Stats.StreamsActive == 0);
        var filter = Assert.Single(kept.Filters);
        Assert.Equal(["OnLog", "OnDestroy", "OnLog", "OnDestroy"], filter.Calls);
        Assert.Equal(1, proxy.Stats.FilterErrors);
    }

    [Fact]
    public async Task What_OnLog_OnDestroy_and_TryReset_throw_is_logged_and_harms_nobody()
    {
        var scripts = new Script[]
        {
            new() { Log = _ => throw new InvalidOperationException(Mark) },
            new() { Destroy = _ => throw new InvalidOperationException(Mark), Reset = () => true },
            new() { Reset = () => throw new InvalidOperationException(Mark) },
        };
        foreach (var script in scripts)
        {
            var behind = new Script();
            using var upstream = Mirror();
            await using var proxy = await TestProxy.StartAsync([upstream.Address], [script, behind]);
            using var client = await RawClient.ConnectAsync(proxy.Port);
            for (int i = 0; i < 3; i++)
            {
                await client.SendAsync(Get);
                Assert.Equal(200, StatusOf(await client.ReadResponseAsync()));
            }

            await proxy.AssertEndedAsync(script, behind);
            Assert.Equal(3, proxy.Stats.FilterErrors);
            Assert.Equal(3, script.Filters.Count);
            Assert.Contains("filter 'f0'", proxy.Log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_filter_that_takes_too_long_is_a_500_and_is_named()
    {
        using var stop = new CancellationTokenSource();
        var scripts = new Script[]
        {
            new() { DecodeHeadersAsync = async (f, _) => { await Task.Delay(-1, f.Context.Aborted); return FilterAction.Continue; } },
            new() { EncodeHeadersAsync = async (f, _) => { await Task.Delay(-1, f.Context.Aborted); return FilterAction.Continue; } },
        };
        foreach (var script in scripts)
        {
            using var upstream = Mirror();
            await using var proxy = await TestProxy.StartAsync([upstream.Address], [new Script(), script], extendConfig: "\"filter_timeout\":\"50ms\"");

            Assert.Equal(500, StatusOf(await proxy.SendAsync(Get)));
            Assert.Contains("filter 'f1'", proxy.Log, StringComparison.Ordinal);
            Assert.Contains("filter_timeout", proxy.Log, StringComparison.Ordinal);
            await proxy.AssertEndedAsync(script);
        }
    }

    [Fact]
    public async Task A_filter_that_blocks_its_loop_is_reported_by_name()
    {
        using var go = new ManualResetEventSlim();
        var filter = new Script { DecodeHeaders = (_, _, _) => { go.Wait(); return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [new Script { DecodeHeaders = (_, _, _) => FilterAction.Continue }, filter]);
        var answer = proxy.SendAsync(Get);
        try
        {
            await Eventually.HoldsAsync(() => proxy.Log.Contains("the filter 'f1' blocks it", StringComparison.Ordinal));
        }
        finally
        {
            go.Set();
        }

        Assert.Equal(200, StatusOf(await answer));
    }

    private static FilterAction Throw(ScriptedFilter filter)
        => filter.Context.RequestHeaders.Contains("x-throw"u8) ? throw new InvalidOperationException(Mark) : FilterAction.Continue;
}
