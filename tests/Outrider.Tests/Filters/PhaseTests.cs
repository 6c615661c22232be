using System.Collections.Concurrent;
using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

public sealed class PhaseTests
{
    private const string TwoRoutes = """
        [{"match":{"prefix":"/old"},"route":{"cluster_name":"up"}},
         {"match":{"prefix":"/new"},"direct_response":{"status":299,"body":"new"}},
         {"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]
        """;

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task Phases_run_in_order_whatever_the_order_of_the_configuration(Pace pace)
    {
        var seen = new ConcurrentQueue<string>();
        Script In(ReceiverPhase phase) => new()
        {
            Phase = phase,
            Pace = pace,
            DecodeHeaders = (filter, _, _) =>
            {
                seen.Enqueue($"{phase}: {(filter.Context.Route is null ? "no route" : "route")}, {(filter.Context.UpstreamHost is null ? "no host" : "host")}");
                return FilterAction.Continue;
            },
        };
        var sender = new Script { Pace = pace, EncodeHeaders = (filter, headers, _) => { seen.Enqueue($"BeforeSend: {headers.Status}"); return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address], [In(ReceiverPhase.AfterChooseHost), sender, In(ReceiverPhase.AfterRoute), In(ReceiverPhase.BeforeRoute)]);

        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));

        Assert.Equal(["BeforeRoute: no route, no host", "AfterRoute: route, no host", "AfterChooseHost: route, host", "BeforeSend: 200"], seen);
    }

    [Fact]
    public async Task Filters_of_one_phase_run_in_the_order_of_the_configuration_both_ways()
    {
        var seen = new ConcurrentQueue<string>();
        Script Named(string name) => new()
        {
            DecodeHeaders = (_, _, _) => { seen.Enqueue(name + " request"); return FilterAction.Continue; },
            EncodeHeaders = (_, _, _) => { seen.Enqueue(name + " response"); return FilterAction.Continue; },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [Named("a"), Named("b")]);

        await proxy.SendAsync(Get);

        Assert.Equal(["a request", "b request", "a response", "b response"], seen);
    }

    [Fact]
    public async Task What_a_filter_changes_before_the_route_decides_the_route()
    {
        var filter = new Script { DecodeHeaders = (_, headers, _) => { headers.Path = "/new?x=1"u8; return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter], route: TwoRoutes);

        Assert.Equal(299, StatusOf(await proxy.SendAsync(Get)));
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task ReMatchRoute_matches_again_and_goes_on_with_the_filters_behind(Pace pace)
    {
        var seen = new ConcurrentQueue<string>();
        var changer = new Script
        {
            Phase = ReceiverPhase.AfterRoute,
            Pace = pace,
            DecodeHeaders = (filter, headers, _) =>
            {
                seen.Enqueue("changer " + filter.Context.Route!.Name);
                headers.Path = "/old/changed"u8;
                return FilterAction.ReMatchRoute;
            },
        };
        Script Watching(ReceiverPhase phase) => new()
        {
            Phase = phase,
            DecodeHeaders = (filter, _, _) => { seen.Enqueue($"{phase} {filter.Context.Route?.Name}"); return FilterAction.Continue; },
        };
        using var upstream = Mirror();
        // The one for AfterChooseHost stands before the changer, and is not forgotten for it.
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address], [Watching(ReceiverPhase.BeforeRoute), Watching(ReceiverPhase.AfterChooseHost), changer, Watching(ReceiverPhase.AfterRoute)], route: TwoRoutes);

        string response = await proxy.SendAsync("GET /first HTTP/1.1\r\nhost: example.test\r\n\r\n");

        Assert.StartsWith("GET /old/changed HTTP/1.1\r\n", BodyOf(response), StringComparison.Ordinal);
        Assert.Equal(4, seen.Count);
        Assert.Equal(["AfterRoute prefix /old", "AfterChooseHost prefix /old"], seen.Skip(2));
    }

    [Fact]
    public async Task ReMatchRoute_to_a_route_that_answers_itself_is_answered()
    {
        var filter = new Script { Phase = ReceiverPhase.AfterRoute, DecodeHeaders = (_, headers, _) => { headers.Path = "/new"u8; return FilterAction.ReMatchRoute; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter], route: TwoRoutes);

        Assert.Equal(299, StatusOf(await proxy.SendAsync(Get)));
        Assert.Empty(upstream.Received);
    }

    [Fact]
    public async Task ReMatchRoute_before_the_route_means_continue()
    {
        var filter = new Script { DecodeHeaders = (_, _, _) => FilterAction.ReMatchRoute };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));
    }

    [Fact]
    public async Task A_request_that_is_sent_back_too_often_fails()
    {
        var filters = Enumerable.Range(0, 11).Select(_ => new Script { Phase = ReceiverPhase.AfterRoute, DecodeHeaders = (_, _, _) => FilterAction.ReMatchRoute }).ToArray();
        using var upstream = Mirror();
        await using (var enough = await TestProxy.StartAsync([upstream.Address], filters[..10]))
        {
            Assert.Equal(200, StatusOf(await enough.SendAsync(Get)));
        }

        await using var proxy = await TestProxy.StartAsync([upstream.Address], filters);
        Assert.Equal(500, StatusOf(await proxy.SendAsync(Get)));
        Assert.Contains("filter 'f10'", proxy.Log, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task ReChooseHost_takes_another_host(Pace pace)
    {
        string? first = null;
        var chooser = new Script { Phase = ReceiverPhase.AfterChooseHost, Pace = pace, DecodeHeaders = (filter, _, _) => { first = filter.Context.UpstreamHost; return FilterAction.ReChooseHost; } };
        var after = new Script { Phase = ReceiverPhase.AfterChooseHost, DecodeHeaders = (filter, headers, _) => { headers.Set("x-host", filter.Context.UpstreamHost!); return FilterAction.Continue; } };
        using var one = Mirror();
        using var two = Mirror();
        await using var proxy = await TestProxy.StartAsync([one.Address, two.Address], [chooser, after]);

        string response = await proxy.SendAsync(Get);

        string other = first == one.Address ? two.Address : one.Address;
        Assert.Contains($"x-host: {other}\r\n", response, StringComparison.Ordinal);
        Assert.Empty((first == one.Address ? one : two).Received);
    }

    [Theory]
    [InlineData(ReceiverPhase.BeforeRoute)]
    [InlineData(ReceiverPhase.AfterRoute)]
    public async Task ReChooseHost_where_no_host_is_chosen_yet_fails_the_stream(ReceiverPhase phase)
    {
        var filter = new Script { Phase = phase, DecodeHeaders = (_, _, _) => FilterAction.ReChooseHost };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        Assert.Equal(500, StatusOf(await proxy.SendAsync(Get)));
        Assert.Contains("filter 'f0'", proxy.Log, StringComparison.Ordinal);
        await proxy.AssertEndedAsync(filter);
    }

    [Fact]
    public async Task Answers_that_a_method_may_not_give_fail_the_stream()
    {
        var scripts = new Script[]
        {
            new() { DecodeData = (_, _, _) => FilterAction.WaitAllData },
            new() { DecodeData = (_, _, _) => FilterAction.ReMatchRoute },
            new() { DecodeRequest = (_, _, _, _) => FilterAction.WaitAllData },
            new() { EncodeHeaders = (_, _, _) => FilterAction.ReMatchRoute },
            new() { EncodeHeaders = (_, _, _) => FilterAction.ReChooseHost },
            new() { EncodeResponse = (_, _, _, _) => FilterAction.WaitAllData },
        };
        foreach (var script in scripts)
        {
            using var upstream = Mirror();
            await using var proxy = await TestProxy.StartAsync([upstream.Address], [script]);
            Assert.Equal(500, StatusOf(await proxy.SendAsync(Post("body"))));
            await proxy.AssertEndedAsync(script);
        }
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task Terminate_closes_the_connection_without_an_answer(Pace pace)
    {
        var scripts = new Script[]
        {
            new() { Pace = pace, DecodeHeaders = (_, _, _) => FilterAction.Terminate },
            new() { Pace = pace, DecodeData = (_, _, _) => FilterAction.Terminate },
            new() { Pace = pace, DecodeRequest = (_, _, _, _) => FilterAction.Terminate },
            new() { Pace = pace, EncodeHeaders = (_, _, _) => FilterAction.Terminate },
            new() { Pace = pace, EncodeResponse = (_, _, _, _) => FilterAction.Terminate },
        };
        foreach (var script in scripts)
        {
            using var upstream = Mirror();
            await using var proxy = await TestProxy.StartAsync([upstream.Address], [script]);
            Assert.Equal("", await proxy.SendAsync(Post("body")));
            await proxy.AssertEndedAsync(script);
        }
    }
}
