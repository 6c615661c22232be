using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Tests.Harness;
using Outrider.Upstream;
using Outrider.Upstream.Ejection;
using Outrider.Upstream.Hosts;
using static Outrider.Tests.Upstream.HostFixture;

namespace Outrider.Tests.Upstream;

/// <summary>Which hosts are ejected, for how long, and how many of them.</summary>
public sealed class OutlierDetectorTests
{
    private readonly List<string> _told = [];

    [Fact]
    public async Task Failures_in_a_row_on_different_loops_eject_a_host()
    {
        var (detector, hosts) = Make(new OutlierConfiguration { Consecutive5xx = 4, MaxEjectionPercent = 100 }, 3);
        for (int i = 0; i < 4; i++)
        {
            Assert.False(hosts[1].Health.IsBeingEjected);
            detector.OnAnswer(hosts[1], i, 500);
        }

        // Known on the loop at once, and for others when it has been decided.
        Assert.True(hosts[1].Health.IsBeingEjected || !hosts[1].IsHealthy);
        await Eventually.HoldsAsync(() => !hosts[1].IsHealthy && !hosts[1].Health.IsBeingEjected);
        Assert.True(hosts[0].IsHealthy);
        await Eventually.HoldsAsync(() => _told.Count == 1);
        Assert.Equal("b is ejected for 30 s: 4 responses of 500 and above in a row (1 of 3 hosts are ejected)", _told[0]);
        Assert.Equal(1, detector.Ejections);
    }

    [Fact]
    public async Task A_success_ends_the_run_whatever_loop_it_comes_on()
    {
        var (detector, hosts) = Make(new OutlierConfiguration { Consecutive5xx = 2, MaxEjectionPercent = 100 }, 2);
        for (int i = 0; i < 50; i++)
        {
            detector.OnAnswer(hosts[0], 0, 500);
            detector.OnAnswer(hosts[0], 1, 404);
        }

        // What was asked for before has been done when this has.
        Fail(detector, hosts[1], 2, 500);
        await Eventually.HoldsAsync(() => !hosts[1].IsHealthy);
        Assert.True(hosts[0].IsHealthy);
    }

    [Theory]
    [InlineData(500, false)]
    [InlineData(502, true)]
    [InlineData(504, true)]
    [InlineData(505, false)]
    public async Task Gateway_failures_are_502_to_504(int status, bool ejects)
    {
        var (detector, hosts) = Make(new OutlierConfiguration { Consecutive5xx = 0, ConsecutiveGatewayFailure = 3, EnforcingGatewayFailure = 100, MaxEjectionPercent = 100 }, 2);
        Fail(detector, hosts[0], 3, status);
        Fail(detector, hosts[1], 3, 503);
        await Eventually.HoldsAsync(() => !hosts[1].IsHealthy && hosts[0].IsHealthy != ejects);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_network_does_is_counted_with_the_answers_or_apart(bool splits)
    {
        var (detector, hosts) = Make(new OutlierConfiguration { Consecutive5xx = 3, ConsecutiveLocalOriginFailure = 2, SplitsLocalOrigin = splits, MaxEjectionPercent = 100 }, 2);
        // Apart from each other, answers do not end a run of the other kind of failures ... but a host that answers can be reached.
        detector.OnAnswer(hosts[0], 0, 500);
        detector.OnAnswer(hosts[0], 0, 500);
        detector.OnNoAnswer(hosts[0], 0, timedOut: false);
        detector.OnNoAnswer(hosts[1], 0, timedOut: true);
        detector.OnNoAnswer(hosts[1], 0, timedOut: true);

        await Eventually.HoldsAsync(() => hosts[splits ? 1 : 0].IsHealthy == false);
        Assert.True(hosts[splits ? 0 : 1].IsHealthy);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(10, 1)]
    [InlineData(50, 2)]
    [InlineData(74, 2)]
    [InlineData(75, 3)]
    [InlineData(100, 4)]
    public void Only_so_many_hosts_are_ejected_but_one_always_may(int percent, int expected)
    {
        var (detector, hosts) = Make(new OutlierConfiguration { MaxEjectionPercent = percent }, 4);
        foreach (var host in hosts.Hosts)
        {
            detector.Eject(host, "test");
        }

        Assert.Equal(expected, hosts.Hosts.ToArray().Count(host => !host.IsHealthy));
        Assert.Equal(4 - expected, detector.Refused);
    }

    [Fact]
    public void Each_ejection_lasts_longer_up_to_the_longest_and_wellness_makes_it_short_again()
    {
        var (detector, hosts) = Make(
            new OutlierConfiguration { MaxEjectionPercent = 100, BaseEjectionTime = TimeSpan.FromSeconds(10), MaxEjectionTime = TimeSpan.FromSeconds(25) }, 2);
        foreach (int seconds in (int[])[10, 20, 25, 25])
        {
            detector.Eject(hosts[0], "test");
            long at = hosts[0].Health.EjectedAt;
            detector.Sweep(at + (seconds * 1000) - 1);
            Assert.False(hosts[0].IsHealthy);
            detector.Sweep(at + (seconds * 1000));
            Assert.True(hosts[0].IsHealthy);
            Assert.Contains($"ejected for {seconds} s", _told[^2], StringComparison.Ordinal);
            Assert.Equal("a is no longer ejected: its ejection is over", _told[^1]);
        }

        for (int i = 0; i < 4; i++)
        {
            detector.Sweep(Environment.TickCount64);
        }

        detector.Eject(hosts[0], "test");
        Assert.Equal(10_000, hosts[0].Health.EjectionTime);
    }

    [Fact]
    public void A_host_that_succeeds_less_than_the_others_is_ejected()
    {
        var (detector, hosts) = Make(new OutlierConfiguration { Consecutive5xx = 0, SuccessRateMinimumHosts = 5, SuccessRateRequestVolume = 100, MaxEjectionPercent = 100 }, 8);
        detector.Begin();
        for (int i = 0; i < hosts.Count; i++)
        {
            for (int n = 0; n < 100; n++)
            {
                detector.OnAnswer(hosts[i], n % 4, i == 3 && n < 30 ? 500 : 200);
            }
        }

        detector.Sweep(Environment.TickCount64);
        Assert.Equal([hosts[3]], hosts.Hosts.ToArray().Where(host => !host.IsHealthy));
        Assert.Contains("70.0 % of its requests succeed", _told[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, 99)]
    [InlineData(4, 100)]
    public void Too_few_requests_or_hosts_say_nothing_of_rates(int count, int requests)
    {
        var (detector, hosts) = Make(new OutlierConfiguration { Consecutive5xx = 0, MaxEjectionPercent = 100 }, count);
        detector.Begin();
        foreach (var host in hosts.Hosts)
        {
            for (int n = 0; n < requests; n++)
            {
                detector.OnAnswer(host, 0, host == hosts[0] ? 500 : 200);
            }
        }

        detector.Sweep(Environment.TickCount64);
        Assert.True(hosts[0].IsHealthy);
    }

    [Fact]
    public void A_host_most_of_whose_requests_fail_is_ejected_where_that_is_wanted()
    {
        foreach (int enforcing in (int[])[0, 100])
        {
            var (detector, hosts) = Make(
                new OutlierConfiguration
                {
                    Consecutive5xx = 0,
                    EnforcingSuccessRate = 0,
                    EnforcingFailurePercentage = enforcing,
                    FailurePercentageThreshold = 40,
                    FailurePercentageMinimumHosts = 1,
                    MaxEjectionPercent = 100,
                },
                2);
            detector.Begin();
            for (int n = 0; n < 100; n++)
            {
                detector.OnAnswer(hosts[0], 0, n < 40 ? 500 : 200);
                detector.OnAnswer(hosts[1], 0, n < 39 ? 500 : 200);
            }

            detector.Sweep(Environment.TickCount64);
            Assert.Equal(enforcing == 0, hosts[0].IsHealthy);
            Assert.True(hosts[1].IsHealthy);
        }
    }

    [Fact]
    public void A_health_check_that_passes_ends_an_ejection_unless_told_otherwise()
    {
        foreach (bool ends in (bool[])[true, false])
        {
            var (detector, hosts) = Make(new OutlierConfiguration { ChecksUneject = ends }, 1);
            detector.Eject(hosts[0], "test");
            detector.OnCheckPassed(hosts[0]);
            Assert.Equal(ends, hosts[0].IsHealthy);
        }
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var (detector, hosts) = Make(new OutlierConfiguration { MaxEjectionPercent = 0, SplitsLocalOrigin = true }, 1);
        Allocation.AssertNone(() =>
        {
            detector.OnAnswer(hosts[0], 1, 200);
            detector.OnAnswer(hosts[0], 1, 503);
            detector.OnNoAnswer(hosts[0], 1, timedOut: true);
            detector.OnConnected(hosts[0], 1);
        });
    }

    private static void Fail(OutlierDetector detector, UpstreamHost host, int times, int status)
    {
        for (int i = 0; i < times; i++)
        {
            detector.OnAnswer(host, 0, status);
        }
    }

    private (OutlierDetector Detector, HostSet Hosts) Make(OutlierConfiguration configuration, int count)
    {
        var hosts = Hosts([.. Enumerable.Repeat(1, count)]);
        return (new OutlierDetector(configuration, () => hosts, (host, text) => _told.Add($"{host.Name} {text}")), hosts);
    }
}
