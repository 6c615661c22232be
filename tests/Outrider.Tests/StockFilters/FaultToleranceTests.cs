using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>fault_tolerance</c>.</summary>
public sealed class FaultToleranceTests
{
    [Fact]
    public async Task A_host_that_fails_more_often_than_the_others_gets_no_requests_for_a_while()
    {
        using var hosts = new Hosts();
        // A window that sees enough requests, and a while that dozens of them fit in, also where a busy machine makes them slow.
        await using var proxy = await StartAsync(hosts, """{"enabled":true,"timeWindow":1000,"leastWindowCount":3,"exceptionRateMultiple":1.5,"recoverTime":3000}""");

        await UntilAsync(proxy, meets: false);
        hosts.IsSick = false;
        await UntilAsync(proxy, meets: true);
    }

    [Fact]
    public async Task A_host_stays_where_the_filter_is_off_or_the_status_is_another()
    {
        using var hosts = new Hosts();
        await using var off = await StartAsync(hosts, """{"timeWindow":10,"leastWindowCount":1,"exceptionRateMultiple":1.5}""");
        await using var other = await StartAsync(hosts, """{"enabled":true,"exceptionTypes":[500],"timeWindow":10,"leastWindowCount":1,"exceptionRateMultiple":1.5}""");
        for (int i = 0; i < 20; i++)
        {
            Assert.True(await MeetsAsync(off));
            Assert.True(await MeetsAsync(other));
        }
    }

    [Theory]
    [InlineData("""{"timeWindow":9}""", "$.timeWindow")]
    [InlineData("""{"leastWindowCount":-1}""", "$.leastWindowCount")]
    [InlineData("""{"exceptionRateMultiple":1}""", "$.exceptionRateMultiple")]
    [InlineData("""{"maxIpCount":-1}""", "$.maxIpCount")]
    [InlineData("""{"recoverTime":-1}""", "$.recoverTime")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("fault_tolerance", config).Path);

    [Theory]
    [InlineData("fault_tolerance")]
    [InlineData("mirror")]
    public void A_base_without_hosts_is_told_when_the_configuration_loads(string type) => Assert.Contains("needs the hosts of clusters", Refusal(type, "{}").Message, StringComparison.Ordinal);

    private static Task<TestProxy> StartAsync(Hosts hosts, string config)
        => StockProxy.StartAsync(string.Join("\"},{\"address\":\"", hosts.Addresses), $$"""{"type":"fault_tolerance","config":{{config}} }""");

    // Does one of the next requests come to the host that answers with its status?
    private static async Task<bool> MeetsAsync(TestProxy proxy)
    {
        bool met = false;
        for (int i = 0; i < 12; i++)
        {
            met |= (await proxy.SendAsync(Get)).Contains("x-host: sick", StringComparison.Ordinal);
        }

        return met;
    }

    private static async Task UntilAsync(TestProxy proxy, bool meets)
    {
        long end = Environment.TickCount64 + (long)Eventually.Patience.TotalMilliseconds;
        while (await MeetsAsync(proxy) != meets)
        {
            Assert.True(Environment.TickCount64 < end, meets ? "the host did not come back" : "the host was not set aside");
        }
    }

    private sealed class Hosts : IDisposable
    {
        private readonly List<RawUpstream> _hosts = [];
        private volatile bool _isSick = true;

        internal Hosts()
        {
            for (int i = 0; i < 3; i++)
            {
                bool first = i == 0;
                _hosts.Add(new RawUpstream(async (connection, _) =>
                {
                    while (await connection.ReadRequestAsync() is { Length: > 0 })
                    {
                        await connection.SendAsync(
                            !first ? "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" : $"HTTP/1.1 {(_isSick ? "503 No" : "200 OK")}\r\nx-host: sick\r\ncontent-length: 0\r\n\r\n");
                    }
                }));
            }
        }

        internal bool IsSick
        {
            set => _isSick = value;
        }

        internal IEnumerable<string> Addresses => _hosts.Select(host => host.Address);

        public void Dispose() => _hosts.ForEach(host => host.Dispose());
    }
}
