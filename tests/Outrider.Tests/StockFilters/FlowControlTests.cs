using Outrider.StockFilters.Limits;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>flowControlFilter</c>.</summary>
public sealed class FlowControlTests
{
    // A period that no test outlasts, so that the first requests are what counts.
    private const string Two = """{"resource":"/test","threshold":2,"statIntervalInMs":3600000}""";

    [Fact]
    public async Task A_resource_has_as_many_requests_in_a_period_as_its_rule_says()
    {
        using var upstream = Mirror();
        await using var proxy = await StockProxy.StartAsync(
            upstream.Address, $$"""{"type":"flowControlFilter","config":{"global_switch":true,"action":{"status":500,"body":"blocked"},"rules":[{{Two}}]} }""");
        Assert.Equal(200, StatusOf(await proxy.SendAsync(GetWith("", "/test?a"))));
        Assert.Equal(200, StatusOf(await proxy.SendAsync(GetWith("", "/test?b"))));
        string refused = await proxy.SendAsync(GetWith("", "/test?c"));
        Assert.Equal(500, StatusOf(refused));
        Assert.Equal("blocked", BodyOf(refused));
        Assert.Equal(200, StatusOf(await proxy.SendAsync(GetWith("", "/other"))));
    }

    [Theory]
    [InlineData("""{"global_switch":false,"rules":[{"resource":"/test","threshold":0}]}""", 200)]
    [InlineData("""{"global_switch":true,"rules":[{"resource":"/test","threshold":0}]}""", 509)]
    [InlineData("""{"global_switch":true,"monitor":true,"rules":[{"resource":"/test","threshold":0}]}""", 200)]
    [InlineData("""{"global_switch":true,"limit_key_type":"ARG","rules":[{"resource":"k=1","threshold":0}]}""", 509)]
    [InlineData("""{"global_switch":true,"limit_key_type":"URI","rules":[{"resource":"/test?k=1","threshold":0}]}""", 509)]
    [InlineData("""{"global_switch":true,"limit_key_type":"PATH","rules":[{"resource":"/test?k=1","threshold":0}]}""", 200)]
    [InlineData("""{"global_switch":true,"rules":[{"resource":"/test","grade":0,"threshold":0}]}""", 509)]
    [InlineData("""{"global_switch":true,"rules":[{"resource":"/test","grade":0,"threshold":1}]}""", 200)]
    public async Task The_switch_and_the_key_decide_what_is_limited(string config, int status)
        => Assert.Equal(status, StatusOf(await MirroredAsync("flowControlFilter", config, GetWith("", "/test?k=1"))));

    [Fact]
    public async Task What_runs_at_once_is_counted_until_it_ends()
    {
        var go = new TaskCompletionSource();
        using var upstream = new Harness.RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                await go.Task;
                await connection.SendAsync(Response("done"));
            }
        });
        await using var proxy = await StockProxy.StartAsync(
            upstream.Address, """{"type":"flowControlFilter","config":{"global_switch":true,"rules":[{"resource":"/test","grade":0,"threshold":1}]}}""");
        var first = proxy.SendAsync(GetWith("", "/test"));
        await EventuallyAsync(() => upstream.Received.Contains("/test", StringComparison.Ordinal));
        Assert.Equal(509, StatusOf(await proxy.SendAsync(GetWith("", "/test"))));
        go.SetResult();
        Assert.Equal(200, StatusOf(await first));
        await EventuallyAsync(() => proxy.Stats.StreamsActive == 0);
        Assert.Equal(200, StatusOf(await proxy.SendAsync(GetWith("", "/test"))));
    }

    [Fact]
    public void A_window_slides()
    {
        var window = new FlowWindow(new FlowRuleConfig { Threshold = 3, StatIntervalInMs = 1000 }, 0);
        Assert.Equal([true, true, true, false], new long[] { 5_000, 5_000, 5_950, 5_960 }.Select(now => window.TryTake(now, out _)));
        Assert.Equal([true, true, false], new long[] { 6_000, 6_050, 6_060 }.Select(now => window.TryTake(now, out _)));
    }

    [Fact]
    public void Turns_are_evenly_spaced_and_waited_for_only_so_long()
    {
        var window = new FlowWindow(new FlowRuleConfig { Threshold = 10, StatIntervalInMs = 1000, ControlBehavior = 1, MaxQueueingTimeMs = 150 }, 0);
        Assert.True(window.TryTake(1000, out int wait) && wait == 0);
        Assert.True(window.TryTake(1000, out wait) && wait == 100);
        Assert.False(window.TryTake(1000, out _));
        Assert.True(window.TryTake(1050, out wait) && wait == 150);
        Assert.True(window.TryTake(5000, out wait) && wait == 0);
    }

    [Fact]
    public async Task Threads_share_a_window_exactly()
    {
        var window = new FlowWindow(new FlowRuleConfig { Threshold = 5000, StatIntervalInMs = 1000 }, 0);
        int[] taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 5000).Count(_ => window.TryTake(7_777, out int _)))));
        Assert.Equal(5000, taken.Sum());
    }

    [Theory]
    [InlineData("""{"limit_key_type":"HEADER"}""", "$.limit_key_type")]
    [InlineData("""{"action":{"status":42}}""", "$.action.status")]
    [InlineData("""{"callback_name":"mine"}""", "$.callback_name")]
    [InlineData("""{"rules":[{"threshold":1}]}""", "$.rules[0].resource")]
    [InlineData("""{"rules":[{"resource":"a"}]}""", "$.rules[0].threshold")]
    [InlineData("""{"rules":[{"resource":"a","threshold":1,"grade":2}]}""", "$.rules[0].grade")]
    [InlineData("""{"rules":[{"resource":"a","threshold":1,"tokenCalculateStrategy":1}]}""", "$.rules[0].tokenCalculateStrategy")]
    [InlineData("""{"rules":[{"resource":"a","treshold":1}]}""", "$.rules[0].treshold")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("flowControlFilter", config).Path);
}
