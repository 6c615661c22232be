using Outrider.Filters;
using Outrider.Upstream;
using Outrider.Upstream.Balancing;
using Outrider.Upstream.Hosts;
using static Outrider.Tests.Upstream.HostFixture;

namespace Outrider.Tests.Upstream;

public class LoadBalancerTests
{
    private const int Choices = 9000;

    private readonly LoopRandom _random = new(7);

    private static readonly string[] s_names = ["LB_ROUNDROBIN", "LB_RANDOM", "LB_WEIGHTED_ROUNDROBIN", "LB_LEAST_REQUEST", "LB_LEAST_CONNECTION", "LB_PEAK_EWMA", "LB_MAGLEV"];

    [Fact]
    public void Each_is_known_by_its_name_in_the_configuration()
    {
        Assert.Equal([.. s_names, "LB_REQUEST_ROUNDROBIN"], BuiltInBalancers.Names);
        Assert.All(s_names, name => Assert.Equal(name, BuiltInBalancers.Create(name)!.GetType().GetField("BalancerName")!.GetValue(null)));
        Assert.Null(BuiltInBalancers.Create("LB_NONE"));
    }

    [Fact]
    public void Without_hosts_none_is_chosen()
    {
        foreach (string type in s_names)
        {
            TriedHosts tried = default;
            Assert.Null(Picked(type, HostSet.Empty).Next(_random, ref tried));
        }
    }

    [Fact]
    public void Hosts_of_equal_weight_get_equal_shares()
    {
        foreach (string type in s_names)
        {
            Dictionary<string, int> counts = Count(type, Hosts(1, 1, 1));
            Assert.All(["a", "b", "c"], name => Assert.InRange(counts[name], 2700, 3300));
        }
    }

    [Fact]
    public void Weights_set_the_shares_where_the_balancer_knows_weights()
    {
        foreach (string type in (ReadOnlySpan<string>)["LB_WEIGHTED_ROUNDROBIN", "LB_LEAST_REQUEST", "LB_LEAST_CONNECTION", "LB_PEAK_EWMA", "LB_MAGLEV"])
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
        foreach (string type in s_names)
        {
            foreach (HostSet hosts in (HostSet[])[Hosts(1, 1, 1), Hosts(100, 1, 1)])
            {
                PickedHosts picked = Picked(type, hosts);
                for (int i = 0; i < 200; i++)
                {
                    TriedHosts tried = default;
                    UpstreamHost?[] chosen = [.. Enumerable.Range(0, 3).Select(_ => picked.Next(_random, ref tried))];
                    Assert.Equal(3, chosen.Distinct().Count());
                    Assert.NotNull(picked.Next(_random, ref tried));
                }
            }
        }
    }

    [Fact]
    public void A_single_host_is_tried_again()
    {
        foreach (string type in s_names)
        {
            TriedHosts tried = default;
            HostSet hosts = Hosts(3);
            PickedHosts picked = Picked(type, hosts);
            Assert.All(Enumerable.Range(0, 6), _ => Assert.Same(hosts[0], picked.Next(_random, ref tried)));
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
        var context = new PickContext(0, 1, in tried);
        Assert.Equal(0, hosts.FirstUntried(3, in context));
    }

    [Fact]
    public void Round_robin_takes_one_after_the_other_in_one_order_for_all_loops()
    {
        PickedHosts hosts = Picked("LB_ROUNDROBIN", Hosts(1, 1, 1));

        Assert.Equal("ab", Choose(hosts, loop: 0, 2));
        Assert.Equal("ca", Choose(hosts, loop: 1, 2));
        Assert.Equal("bca", Choose(hosts, loop: 0, 3));
    }

    [Fact]
    public void Round_robin_gives_each_host_its_turns_when_loops_choose_at_the_same_time()
    {
        PickedHosts hosts = Picked("LB_ROUNDROBIN", Hosts(1, 1, 1));
        var counts = new int[3];
        Parallel.For(0, 4, loop =>
        {
            for (int i = 0; i < 3000; i++)
            {
                TriedHosts tried = default;
                Interlocked.Increment(ref counts[hosts.Next(new LoopRandom(1), ref tried, loop)!.Name[0] - 'a']);
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
        var picked = Picked(weighted ? "LB_WEIGHTED_ROUNDROBIN" : "LB_ROUNDROBIN", hosts);
        int first = 0;
        for (int i = 0; i < 400; i++)
        {
            TriedHosts tried = default;
            if (picked.Next(_random, ref tried) == hosts[0])
            {
                first++;
                Assert.Same(hosts[1], picked.Next(_random, ref tried));
            }
        }

        Assert.InRange(first, (400 * dead / (dead + alive)) - 1, (400 * dead / (dead + alive)) + 1);
    }

    [Fact]
    public void Round_robin_spreads_retries_over_the_hosts_that_are_left()
    {
        var hosts = Hosts(1, 1, 1, 1);
        var picked = Picked("LB_ROUNDROBIN", hosts);
        var second = new Dictionary<UpstreamHost, int>();
        for (int i = 0; i < 400; i++)
        {
            TriedHosts tried = default;
            if (picked.Next(_random, ref tried) == hosts[0])
            {
                var other = picked.Next(_random, ref tried)!;
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
        var before = PickedHosts.Of(Hosts(1, 1, 1, 1, 1), balancer, null);
        Assert.Equal("abcd", Choose(before, 0, 4));

        // The fifth turn: where the round stands, and not where it began.
        Assert.Equal("bca", Choose(PickedHosts.Of(Hosts(1, 1, 1), balancer, before), 0, 3));
    }

    [Fact]
    public void Weighted_round_robin_spreads_a_heavy_hosts_turns_over_the_round()
    {
        string twice = Choose(Picked("LB_WEIGHTED_ROUNDROBIN", Hosts(5, 1, 1)), 0, 14);

        // The round a a b a c a a, from wherever the loop begins.
        Assert.Contains("aabacaa", twice, StringComparison.Ordinal);
    }

    [Fact]
    public void Least_request_prefers_the_host_with_less_to_do()
    {
        HostSet hosts = Hosts(1, 1);
        hosts[0].RequestsOn(2) = 10;
        Dictionary<string, int> counts = Count("LB_LEAST_REQUEST", hosts, loop: 2);

        // The busy host is chosen only when both draws hit it: one time out of four.
        Assert.InRange(counts["b"], 6450, 7050);
    }

    [Fact]
    public void Least_request_counts_requests_by_weight()
    {
        HostSet hosts = Hosts(4, 1);
        hosts[0].RequestsOn(0) = 4;
        hosts[1].RequestsOn(0) = 2;
        Dictionary<string, int> counts = Count("LB_LEAST_REQUEST", hosts);

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

    private Dictionary<string, int> Count(string type, HostSet hosts, int loop = 0)
        => Choose(Picked(type, hosts), loop, Choices).CountBy(c => c.ToString()).ToDictionary();

    private string Choose(PickedHosts hosts, int loop, int count)
        => string.Concat(Enumerable.Range(0, count).Select(_ =>
        {
            TriedHosts tried = default;
            return hosts.Next(_random, ref tried, loop)!.Name;
        }));
}
