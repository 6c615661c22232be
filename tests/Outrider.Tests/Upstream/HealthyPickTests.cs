using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Tests.Harness;
using Outrider.Upstream;
using Outrider.Upstream.Balancing;
using Outrider.Upstream.Hosts;
using static Outrider.Tests.Upstream.HostFixture;

namespace Outrider.Tests.Upstream;

/// <summary>Requests go to healthy hosts, whatever balances them.</summary>
public sealed class HealthyPickTests
{
    private readonly LoopRandom _random = new(3);

    public static TheoryData<string> Balancers => [.. BuiltInBalancers.Names];

    // All requests begin at the first healthy host by the other one.
    public static TheoryData<string> Spreading => [.. BuiltInBalancers.Names.Where(name => name != RequestRoundRobinBalancer.BalancerName)];

    [Theory]
    [MemberData(nameof(Spreading))]
    public void A_sick_host_gets_nothing_and_the_others_get_its_share(string balancer)
    {
        var cluster = Make(balancer, 0, 1, 1, 1);
        Sicken(cluster, 1);
        var counts = Count(cluster);
        Assert.Equal([true, false, true], cluster.Hosts.Hosts.ToArray().Select(host => counts.ContainsKey(host)));
        Assert.All(counts.Values, count => Assert.InRange(count, 1250, 1750));

        Recover(cluster, 1);
        Assert.Equal(3, Count(cluster).Count);
    }

    [Fact]
    public void A_request_that_begins_at_the_first_host_begins_at_the_first_healthy_one()
    {
        var cluster = Make(RequestRoundRobinBalancer.BalancerName, 0, 1, 1, 1);
        Sicken(cluster, 0);
        Assert.Equal([cluster.Hosts[1]], Count(cluster).Keys);
        Recover(cluster, 0);
        Assert.Equal([cluster.Hosts[0]], Count(cluster).Keys);
    }

    [Theory]
    [MemberData(nameof(Spreading))]
    public void A_host_that_has_just_become_sick_is_not_picked_though_its_picker_does_not_know(string balancer)
    {
        var cluster = Make(balancer, 0, 5, 1, 1);
        _ = cluster.Hosts[0].Health.Fail(HostFailures.FailedChecks, "test");
        var counts = Count(cluster);
        Assert.False(counts.ContainsKey(cluster.Hosts[0]));
        Assert.Equal(2, counts.Count);
        Allocation.AssertNone(() =>
        {
            TriedHosts tried = default;
            if (cluster.ChooseHost(0, _random, ref tried, hash: _random.NextULong()) is null)
            {
                throw new InvalidOperationException("no host");
            }
        });
    }

    [Theory]
    [MemberData(nameof(Balancers))]
    public void Without_a_healthy_host_there_is_none(string balancer)
    {
        foreach (bool known in (bool[])[true, false])
        {
            var cluster = Make(balancer, 0, 1, 1);
            foreach (var host in cluster.Hosts.Hosts)
            {
                _ = host.Health.Fail(HostFailures.Ejected, "test");
                if (known)
                {
                    cluster.OnHealthChanged(host, "is sick");
                }
            }

            TriedHosts tried = default;
            Assert.Null(cluster.ChooseHost(0, _random, ref tried, hash: 1));
            Assert.Equal(0, tried.Tries);
        }
    }

    [Theory]
    [InlineData(50, 2, 2)]
    [InlineData(50, 3, 4)]
    [InlineData(51, 2, 4)]
    [InlineData(0, 3, 1)]
    [InlineData(1, 4, 4)]
    public void With_too_few_healthy_hosts_all_are_used(int threshold, int sick, int expected)
    {
        var cluster = Make("LB_ROUNDROBIN", threshold, 1, 1, 1, 1);
        for (int i = 0; i < sick; i++)
        {
            Sicken(cluster, i);
        }

        Assert.Equal(expected, Count(cluster).Count);
    }

    [Fact]
    public void A_round_goes_on_when_a_host_becomes_sick()
    {
        var cluster = Make("LB_ROUNDROBIN", 0, 1, 1, 1, 1);
        Assert.Equal("abcda", Names(cluster, 5));
        Sicken(cluster, 0);
        string names = Names(cluster, 6);
        Assert.All("bcd", name => Assert.Equal(2, names.Count(c => c == name)));
    }

    [Fact]
    public void A_subset_has_its_own_healthy_hosts_and_no_others_stand_in()
    {
        var hosts = new HostSet(
            [.. "abcd".Select((name, i) => new UpstreamHost(name.ToString(), $"10.0.0.{i}:80", new System.Net.IPEndPoint(0, 80), "", 1, 4, new Dictionary<string, string> { ["v"] = i < 2 ? "1" : "2" }))], 4);
        var cluster = new Cluster(new ClusterConfiguration { Name = "a", Subsets = new SubsetConfiguration { Selectors = [["v"]] } }, hosts, 4);
        List<KeyValuePair<string, string>> wanted = [new("v", "1")];
        string Pick() => string.Concat(Enumerable.Range(0, 4).Select(_ =>
        {
            TriedHosts tried = default;
            return cluster.ChooseHost(0, _random, ref tried, wanted)?.Name ?? "-";
        }));

        Assert.Equal("abab", Pick());
        Sicken(cluster, 0);
        Assert.Equal("bbbb", Pick());
        Sicken(cluster, 1);
        Assert.Equal("----", Pick());
        Recover(cluster, 0);
        Assert.Equal("aaaa", Pick());
    }

    [Fact]
    public void Health_is_the_hosts_and_stays_when_the_configuration_changes()
    {
        var before = ClusterSet.Build([Cluster("a", "10.0.0.1:80", "10.0.0.2:80")], null, 1);
        _ = before.Find("a")!.Hosts[0].Health.Fail(HostFailures.FailedChecks, "test");
        var after = ClusterSet.Build([Cluster("a", "10.0.0.3:80", "10.0.0.1:80") with { PanicThreshold = 1 }], before, 1);

        Assert.False(after.Find("a")!.Hosts[1].IsHealthy);
        TriedHosts tried = default;
        Assert.Equal("10.0.0.3:80", after.Find("a")!.ChooseHost(0, _random, ref tried)!.Address);
        Assert.Equal("10.0.0.3:80", after.Find("a")!.ChooseHost(0, _random, ref tried)!.Address);
    }

    [Fact]
    public void Where_nobody_looks_any_more_hosts_are_healthy_again()
    {
        var set = ClusterSet.Build([Cluster("a", "10.0.0.1:80")], null, 1);
        var host = set.Find("a")!.Hosts[0];
        _ = host.Health.Fail(HostFailures.Ejected, "test");
        using var watches = new ClusterWatches(Assert.Fail);
        watches.Use(set.Clusters);
        Assert.True(host.IsHealthy);
    }

    private static Cluster Make(string balancer, int panicThreshold, params int[] weights) => new(
        new ClusterConfiguration { Name = "a", LoadBalancer = new BalancerConfiguration { Name = balancer }, PanicThreshold = panicThreshold }, Hosts(weights), 4);

    private static void Sicken(Cluster cluster, int index)
    {
        _ = cluster.Hosts[index].Health.Fail(HostFailures.FailedChecks, "test");
        cluster.OnHealthChanged(cluster.Hosts[index], "is sick");
    }

    private static void Recover(Cluster cluster, int index)
    {
        _ = cluster.Hosts[index].Health.Recover(HostFailures.FailedChecks, "test");
        cluster.OnHealthChanged(cluster.Hosts[index], "is well");
    }

    private string Names(Cluster cluster, int count) => string.Concat(Enumerable.Range(0, count).Select(_ =>
    {
        TriedHosts tried = default;
        return cluster.ChooseHost(0, _random, ref tried)!.Name;
    }));

    private Dictionary<UpstreamHost, int> Count(Cluster cluster) => Enumerable.Range(0, 3000).Select(_ =>
    {
        TriedHosts tried = default;
        return cluster.ChooseHost(0, _random, ref tried, hash: _random.NextULong())!;
    }).CountBy(host => host).ToDictionary();
}
