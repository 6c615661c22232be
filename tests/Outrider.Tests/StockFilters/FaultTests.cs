using System.Diagnostics;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>fault</c>.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData("""{"abort":{"percentage":100,"status":418}}""", "", 418)]
    [InlineData("""{"abort":{"percentage":0,"status":418}}""", "", 200)]
    [InlineData("""{"abort":{"percentage":100,"status":418},"upstream_cluster":"up"}""", "", 418)]
    [InlineData("""{"abort":{"percentage":100,"status":418},"upstream_cluster":"other"}""", "", 200)]
    [InlineData("""{"abort":{"percentage":100,"status":418},"headers":[{"name":"x-user","value":"a"}]}""", "", 200)]
    [InlineData("""{"abort":{"percentage":100,"status":418},"headers":[{"name":"x-user","value":"a"}]}""", "x-user: a\r\n", 418)]
    [InlineData("""{"abort":{"percentage":100,"status":418},"headers":[{"name":"x-user","value":"^a+$","regex":true}]}""", "x-user: aaa\r\n", 418)]
    [InlineData("""{"abort":{"percentage":100,"status":418},"headers":[{"name":"x-user","value":"^a+$","regex":true}]}""", "x-user: b\r\n", 200)]
    [InlineData("""{"abort":{"percentage":100,"status":418},"headers":[{"name":"host","value":"a.test"},{"name":"x-user"}]}""", "x-user: b\r\n", 418)]
    [InlineData("{}", "", 200)]
    public async Task Requests_that_it_applies_to_are_answered(string config, string fields, int status)
        => Assert.Equal(status, StatusOf(await MirroredAsync("fault", config, GetWith(fields))));

    [Fact]
    public async Task A_delay_is_waited_for_and_then_the_request_goes_on()
    {
        long began = Stopwatch.GetTimestamp();
        Assert.Equal(200, StatusOf(await MirroredAsync("fault", """{"delay":{"percentage":100,"fixed_delay":"300ms"}}""", GetWith(""))));
        Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(290));
    }

    [Fact]
    public async Task A_route_has_faults_of_its_own_and_a_share_of_the_requests_is_hit()
    {
        const string Route = """{"fault":{"abort":{"percentage":50,"status":503}}}""";
        using var upstream = Mirror();
        await using var proxy = await StockProxy.StartAsync(upstream.Address, """{"type":"fault","config":{}}""", perFilterConfig: Route);
        var statuses = new List<int>();
        for (int i = 0; i < 200; i++)
        {
            statuses.Add(StatusOf(await proxy.SendAsync(GetWith("", "/own"))));
        }

        // Outside of this with a probability below one in 10^12.
        Assert.InRange(statuses.Count(status => status == 503), 50, 150);
        Assert.Equal(200, StatusOf(await proxy.SendAsync(GetWith(""))));
    }

    [Theory]
    [InlineData("""{"abort":{"percentage":101,"status":500}}""", "$.abort.percentage")]
    [InlineData("""{"abort":{"percentage":10}}""", "$.abort.status")]
    [InlineData("""{"delay":{"percentage":-1}}""", "$.delay.percentage")]
    [InlineData("""{"delay":{"fixed_delay":"1 second"}}""", "$.delay.fixed_delay")]
    [InlineData("""{"delay":{"fixed_delay":"-1s"}}""", "$.delay.fixed_delay")]
    [InlineData("""{"headers":[{"value":"a"}]}""", "$.headers[0].name")]
    [InlineData("""{"headers":[{"name":"a","value":"(","regex":true}]}""", "$.headers[0].value")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("fault", config).Path);
}
