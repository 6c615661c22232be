using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Upstream;
using Outrider.Proxy.Upstream.LoadBalancing;
using static Outrider.Tests.Upstream.HostFixture;

namespace Outrider.Tests.Upstream;

public class LoadBalancerTests
{
    private const int Choices = 9000;

    private readonly LoopRandom _random = new(7);

    private static readonly string[] s_names = ["LB_ROUNDROBIN", "LB_RANDOM", "LB_WEIGHTED_ROUNDROBIN", "LB_LEAST_REQUEST"];

    [Fact]
    public void Each_is_known_by_its_name_in_the_configuration()
        => Assert.Equal(s_names, Enum.GetValues<LoadBalancerType>().Select(type => LoadBalancers.Create(type, 1).Name));

    [Fact]
    public void Without_hosts_none_is_chosen()
    {
        foreach (LoadBalancerType type in Enum.GetValues<LoadBalancerType>())
        {
            TriedHosts tried = default;
            Assert.Null(LoadBalancers.Create(type, 1).Choose(HostSet.Empty, 0, _random, ref tried));
        }
    }

    [Fact]
    public void Hosts_of_equal_weight_get_equal_shares()
    {
        foreach (LoadBalancerType type in Enum.GetValues<LoadBalancerType>())
        {
            Dictionary<string, int> counts = Count(type, Hosts(1, 1, 1));
            Assert.All(["a", "b", "c"], name => Assert.InRange(counts[name], 2700, 3300));
        }
    }

    [Fact]
    public void Weights_set_the_shares_where_the_balancer_knows_weights()
    {
        foreach (LoadBalancerType type in (ReadOnlySpan<LoadBalancerType>)[LoadBalancerType.WeightedRoundRobin, LoadBalancerType.LeastRequest])
        {
            Dictionary<string, int> counts = Count(type, Hosts(6, 2, 1));
            Assert.InRange(counts["a"], 5700, 6300);
            Assert.InRange(counts["b"], 1800, 2200);
            Assert.InRange(counts["c"], 850, 1150);
        }
    }

    [Fact]
    public void A_retry_goes_to_another_host_until_all_were_tried_and_then_to_any()
    {
        foreach (LoadBalancerType type in Enum.GetValues<LoadBalancerType>())
        {
            foreach (HostSet hosts in (HostSet[])[Hosts(1, 1, 1), Hosts(100, 1, 1)])
            {
                ILoadBalancer balancer = LoadBalancers.Create(type, 1);
                for (int i = 0; i < 200; i++)
                {
                    TriedHosts tried = default;
                    UpstreamHost?[] chosen = [.. Enumerable.Range(0, 3).Select(_ => balancer.Choose(hosts, 0, _random, ref tried))];
                    Assert.Equal(3, chosen.Distinct().Count());
                    Assert.NotNull(balancer.Choose(hosts, 0, _random, ref tried));
                }
            }
        }
    }

    [Fact]
    public void A_single_host_is_tried_again()
    {
        foreach (LoadBalancerType type in Enum.GetValues<LoadBalancerType>())
        {
            ILoadBalancer balancer = LoadBalancers.Create(type, 1);
            TriedHosts tried = default;
            HostSet hosts = Hosts(3);
            Assert.All(Enumerable.Range(0, 6), _ => Assert.Same(hosts[0], balancer.Choose(hosts, 0, _random, ref tried)));
        }
    }

    [Fact]
    public void Tried_hosts_are_remembered_by_identity_the_last_four_of_them()
    {
        HostSet hosts = Hosts(1, 1, 1, 1, 1);
        TriedHosts tried = default;
        foreach (UpstreamHost host in hosts.Hosts)
        {
            Assert.False(tried.Contains(host));
            tried.Add(host);
        }

        Assert.Equal([false, true, true, true, true], hosts.Hosts.ToArray().Select(host => tried.Contains(host)));
        Assert.Equal(0, hosts.FirstUntried(3, in tried));
    }

    [Fact]
    public void Round_robin_takes_one_after_the_other_in_one_order_for_all_loops()
    {
        var balancer = new RoundRobinBalancer();
        HostSet hosts = Hosts(1, 1, 1);

        Assert.Equal("ab", Choose(balancer, hosts, loop: 0, 2));
        Assert.Equal("ca", Choose(balancer, hosts, loop: 1, 2));
        Assert.Equal("bca", Choose(balancer, hosts, loop: 0, 3));
    }

    [Fact]
    public void Round_robin_gives_each_host_its_turns_when_loops_choose_at_the_same_time()
    {
        var balancer = new RoundRobinBalancer();
        HostSet hosts = Hosts(1, 1, 1);
        var counts = new int[3];
        Parallel.For(0, 4, loop =>
        {
            for (int i = 0; i < 3000; i++)
            {
                TriedHosts tried = default;
                Interlocked.Increment(ref counts[balancer.Choose(hosts, loop, new LoopRandom(1), ref tried)!.Name[0] - 'a']);
            }
        });

        Assert.Equal([4000, 4000, 4000], counts);
    }

    [Theory]
    [InlineData(false, 1, 1)]
    [InlineData(true, 1, 1)]
    [InlineData(true, 1, 3)]
    [InlineData(true, 3, 1)]
    public void With_a_dead_host_requests_begin_there_as_often_as_its_share_says(bool weighted, int dead, int alive)
    {
        var hosts = Hosts(dead, alive);
        var balancer = LoadBalancers.Create(weighted ? LoadBalancerType.WeightedRoundRobin : LoadBalancerType.RoundRobin, 1);
        int first = 0;
        for (int i = 0; i < 400; i++)
        {
            TriedHosts tried = default;
            if (balancer.Choose(hosts, 0, _random, ref tried) == hosts[0])
            {
                first++;
                Assert.Same(hosts[1], balancer.Choose(hosts, 0, _random, ref tried));
            }
        }

        Assert.InRange(first, (400 * dead / (dead + alive)) - 1, (400 * dead / (dead + alive)) + 1);
    }

    [Fact]
    public void Round_robin_spreads_retries_over_the_hosts_that_are_left()
    {
        var hosts = Hosts(1, 1, 1, 1);
        var balancer = LoadBalancers.Create(LoadBalancerType.RoundRobin, 1);
        var second = new Dictionary<UpstreamHost, int>();
        for (int i = 0; i < 400; i++)
        {
            TriedHosts tried = default;
            if (balancer.Choose(hosts, 0, _random, ref tried) == hosts[0])
            {
                var other = balancer.Choose(hosts, 0, _random, ref tried)!;
                second[other] = second.GetValueOrDefault(other) + 1;
            }
        }

        Assert.Equal(3, second.Count);
        Assert.All(second.Values, count => Assert.InRange(count, 20, 60));
    }

    [Fact]
    public void Round_robin_goes_on_when_the_hosts_become_fewer()
    {
        var balancer = new RoundRobinBalancer();
        Choose(balancer, Hosts(1, 1, 1, 1, 1), 0, 4);

        Assert.Equal("ab", string.Concat(Choose(balancer, Hosts(1, 1), 0, 2).Order()));
    }

    [Fact]
    public void Weighted_round_robin_spreads_a_heavy_hosts_turns_over_the_round()
    {
        var balancer = new WeightedRoundRobinBalancer(1);
        string twice = Choose(balancer, Hosts(5, 1, 1), 0, 14);

        // The round a a b a c a a, from wherever the loop begins.
        Assert.Contains("aabacaa", twice, StringComparison.Ordinal);
    }

    [Fact]
    public void Least_request_prefers_the_host_with_less_to_do()
    {
        HostSet hosts = Hosts(1, 1);
        hosts[0].On(2).ActiveRequests = 10;
        Dictionary<string, int> counts = Count(LoadBalancerType.LeastRequest, hosts, loop: 2);

        // The busy host is chosen only when both draws hit it: one time out of four.
        Assert.InRange(counts["b"], 6450, 7050);
    }

    [Fact]
    public void Least_request_counts_requests_by_weight()
    {
        HostSet hosts = Hosts(4, 1);
        hosts[0].On(0).ActiveRequests = 4;
        hosts[1].On(0).ActiveRequests = 2;
        Dictionary<string, int> counts = Count(LoadBalancerType.LeastRequest, hosts);

        // b has the fewer requests and yet the higher load: it is chosen only when both draws hit it, 1 time out of 25.
        Assert.InRange(counts["b"], 250, 480);
    }

    [Fact]
    public void Random_numbers_stay_below_their_bound_and_depend_on_the_seed_alone()
    {
        var again = new LoopRandom(7);
        for (uint bound = 1; bound < 1000; bound++)
        {
            uint number = _random.Next(bound);
            Assert.InRange(number, 0u, bound - 1);
            Assert.Equal(number, again.Next(bound));
        }

        Assert.Equal(0u, _random.Next(0u));
        Assert.InRange(_random.Next(1UL << 40), 0UL, (1UL << 40) - 1);
    }

    private Dictionary<string, int> Count(LoadBalancerType type, HostSet hosts, int loop = 0)
        => Choose(LoadBalancers.Create(type, 4), hosts, loop, Choices).CountBy(c => c.ToString()).ToDictionary();

    private string Choose(ILoadBalancer balancer, HostSet hosts, int loop, int count)
        => string.Concat(Enumerable.Range(0, count).Select(_ =>
        {
            TriedHosts tried = default;
            return balancer.Choose(hosts, loop, _random, ref tried)!.Name;
        }));
}
