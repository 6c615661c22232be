using System.Net;
using Outrider.Filters;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;
using static Outrider.Tests.Upstream.HostFixture;

namespace Outrider.Tests.Upstream;

/// <summary>What picks look at of hosts lies side by side, and each host's is its own.</summary>
public sealed class HostLoadsTests
{
    private const int Loops = 3;

    [Fact]
    public void Each_host_has_numbers_of_its_own_on_each_loop()
    {
        var loads = new HostLoads(100, Loops);
        UpstreamHost[] hosts = Many(100, loads);
        Assert.True(loads.IsFull);
        Assert.Throws<InvalidOperationException>(() => Many(1, loads));
        for (int i = 0; i < hosts.Length; i++)
        {
            for (int loop = 0; loop < Loops; loop++)
            {
                hosts[i].RequestsOn(loop) = (i * 10) + loop;
                hosts[i].ConnectionsOn(loop) = (i * 1000) + loop;
                hosts[i].LatencyOf(loop).Measure(i + loop + 1, i);
            }
        }

        for (int i = 0; i < hosts.Length; i++)
        {
            Assert.Equal((i * 10) + 2, hosts[i].ActiveRequestsOn(2));
            Assert.Equal((i * 30) + 3, hosts[i].ActiveRequests);
            Assert.Equal((i * 3000) + 3, hosts[i].ActiveConnections);
            Assert.Equal(i + 2, hosts[i].LatencyOn(1, out long at));
            Assert.Equal(i, at);
        }
    }

    [Fact]
    public void A_sick_host_is_sick_in_every_set_that_it_is_in_and_no_other_is()
    {
        UpstreamHost[] hosts = Many(10, new HostLoads(10, Loops));
        HostSet all = new(hosts, Loops), some = new([hosts[7], hosts[3]], Loops);
        Assert.True(hosts[3].Health.Fail(HostFailures.FailedChecks, "test"));
        Assert.Equal([3], Enumerable.Range(0, 10).Where(i => !all.IsHealthy(i)));
        Assert.Equal([true, false], [some.IsHealthy(0), some.IsHealthy(1)]);
        Assert.True(hosts[3].Health.Recover(HostFailures.FailedChecks, "test"));
        Assert.All(Enumerable.Range(0, 10), i => Assert.True(all.IsHealthy(i)));
    }

    [Fact]
    public void New_hosts_of_a_list_lie_together_and_hosts_that_stay_keep_their_places()
    {
        string[] addresses = [.. Enumerable.Range(1, 200).Select(i => $"10.0.0.{i}:80")];
        var before = ClusterSet.Build([Cluster("a", addresses[..100])], null, Loops);
        HostSet first = before.Find("a")!.Hosts;
        Assert.All(Enumerable.Range(0, 100), i => Assert.Same(first.Place(0).Loads, first.Place(i).Loads));
        Assert.Equal(100, first.Place(0).Loads.Capacity);

        HostSet second = ClusterSet.Build([Cluster("a", [.. addresses[50..].Reverse()])], before, Loops).Find("a")!.Hosts;
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal((second.Place(0).Loads, 100), (second.Place(i).Loads, second.Place(i).Loads.Capacity)));
        Assert.All(Enumerable.Range(100, 50), i => Assert.Equal(first.Place(199 - i), second.Place(i)));
    }

    [Theory]
    [InlineData("LB_ROUNDROBIN")]
    [InlineData("LB_RANDOM")]
    [InlineData("LB_WEIGHTED_ROUNDROBIN")]
    [InlineData("LB_LEAST_REQUEST")]
    [InlineData("LB_LEAST_CONNECTION")]
    [InlineData("LB_PEAK_EWMA")]
    [InlineData("LB_MAGLEV")]
    public void A_pick_among_ten_thousand_hosts_allocates_nothing(string balancer)
    {
        var hosts = Picked(balancer, new HostSet(Many(10_000, new HostLoads(10_000, Loops)), Loops));
        var random = new LoopRandom(7);
        long Pick(int times)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < times; i++)
            {
                TriedHosts tried = default;
                var context = new PickContext(1, random.NextULong(), in tried) { Hash = random.NextULong() };
                Assert.NotNull(hosts.Pick(ref context, ref tried));
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        _ = Pick(1000);
        Assert.Equal(0L, Pick(10_000));
    }

    private static UpstreamHost[] Many(int count, HostLoads loads)
        => [.. Enumerable.Range(0, count).Select(i => new UpstreamHost($"h{i}", $"10.0.{i >> 8}.{i & 255}:80", new IPEndPoint(IPAddress.Loopback, 80), "", 1 + (i % 5), Loops, loads: loads))];
}
