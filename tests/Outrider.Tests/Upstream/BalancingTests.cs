using System.Net;
using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Upstream;
using Outrider.Upstream.Balancing;
using Outrider.Upstream.Hosts;
using static Outrider.Tests.Upstream.HostFixture;

namespace Outrider.Tests.Upstream;

/// <summary>Each balancer against its definition: shares by weight, and what happens when hosts come and go.</summary>
public sealed class BalancingTests
{
    private const int Keys = 100_000;

    private readonly LoopRandom _random = new(11);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(700)]
    public void Maglev_moves_the_keys_of_a_removed_host_and_few_others(int count)
    {
        var hosts = Many(count, _ => 1);
        var before = Of(hosts);
        foreach (int removed in (int[])[0, count / 2, count - 1])
        {
            var after = Of([.. hosts.Where((_, i) => i != removed)]);
            int moved = 0, lost = 0;
            for (int i = 0; i < Keys; i++)
            {
                ulong hash = Hash(i);
                var was = Pick(before, hash);
                var now = Pick(after, hash);
                moved += was == now ? 0 : 1;
                lost += was == hosts[removed] ? 1 : 0;
            }

            Assert.InRange(lost / (double)Keys, 0.8 / count, 1.2 / count);
            Assert.True(moved / (double)Keys <= (1.0 / count) + 0.015, $"{moved} of {Keys} keys moved with one of {count} hosts");
        }
    }

    [Fact]
    public void Maglev_gives_keys_by_weight_and_does_not_look_at_the_order_of_the_hosts()
    {
        var hosts = Many(4, i => 1 << i);
        var forwards = Of(hosts);
        var backwards = Of([.. hosts.AsEnumerable().Reverse()]);
        var counts = new int[4];
        for (int i = 0; i < Keys; i++)
        {
            var host = Pick(forwards, Hash(i));
            Assert.Same(host, Pick(backwards, Hash(i)));
            counts[Array.IndexOf(hosts, host)]++;
        }

        for (int i = 0; i < 4; i++)
        {
            Assert.InRange(counts[i] / (double)Keys, 0.95 * (1 << i) / 15, 1.05 * (1 << i) / 15);
        }
    }

    [Fact]
    public void Maglev_without_a_hash_draws_by_weight()
    {
        var picked = PickedHosts.Of(Hosts(3, 1), new MaglevBalancer(), null);
        int first = 0;
        for (int i = 0; i < 4000; i++)
        {
            TriedHosts tried = default;
            first += picked.Next(_random, ref tried) == picked.Hosts[0] ? 1 : 0;
        }

        Assert.InRange(first, 2850, 3150);
    }

    [Theory]
    [InlineData("5,1,1", "aabacaa")]
    [InlineData("2,1", "aba")]
    [InlineData("10,10,20", "cabc")]
    [InlineData("7", "a")]
    public void A_weighted_round_is_the_smooth_one(string weights, string expected)
        => Assert.Equal(expected, string.Concat(WeightedRound.Of([.. weights.Split(',').Select(int.Parse)]).Select(i => (char)('a' + i))));

    [Theory]
    [InlineData(10)]
    [InlineData(3000)]
    [InlineData(10_000)]
    public void A_weighted_round_has_each_host_as_often_as_it_weighs_and_spread_out(int count)
    {
        int[] weights = [.. Enumerable.Range(0, count).Select(i => 1 + (i * 37 % 128))];
        int[] round = WeightedRound.Of(weights);
        var counts = new int[count];
        var last = new int[count];
        Array.Fill(last, -1);
        var widest = new int[count];
        for (int i = 0; i < round.Length; i++)
        {
            int host = round[i];
            counts[host]++;
            widest[host] = last[host] < 0 ? widest[host] : Math.Max(widest[host], i - last[host]);
            last[host] = i;
        }

        Assert.Equal(weights, counts);
        // No gap of twice the mean one, but for what rounding does.
        Assert.All(Enumerable.Range(0, count).Where(i => weights[i] > 4), i => Assert.True(widest[i] <= (2.0 * round.Length / weights[i]) + count, $"{i}"));
    }

    [Fact]
    public void Weighted_round_robin_is_one_order_for_all_loops_and_goes_on_with_other_hosts()
    {
        var balancer = new WeightedRoundRobinBalancer();
        var picked = PickedHosts.Of(Hosts(5, 1, 1), balancer, null);
        string Next(PickedHosts from, int loop)
        {
            TriedHosts tried = default;
            return from.Next(_random, ref tried, loop)!.Name;
        }

        Assert.Equal("aabacaaaa", string.Concat(Enumerable.Range(0, 9).Select(i => Next(picked, i % 4))));
        var more = PickedHosts.Of(Hosts(5, 1, 1, 7), balancer, picked);
        string round = string.Concat(Enumerable.Range(0, 14).Select(i => Next(more, i % 4)));
        Assert.Equal((5, 1, 1, 7), (round.Count(c => c == 'a'), round.Count(c => c == 'b'), round.Count(c => c == 'c'), round.Count(c => c == 'd')));
    }

    [Fact]
    public void Least_connection_prefers_the_host_with_fewer_connections_of_all_loops_per_weight()
    {
        var hosts = Hosts(1, 1);
        hosts[0].ConnectionsOn(0) = 3;
        hosts[0].ConnectionsOn(1) = 3;
        hosts[1].ConnectionsOn(2) = 5;
        Assert.InRange(Share("LB_LEAST_CONNECTION", hosts, 1), 0.72, 0.78);

        var weighted = Hosts(4, 1);
        weighted[0].ConnectionsOn(0) = 8;
        weighted[1].ConnectionsOn(0) = 3;
        // Two per weight against three: b only when both draws hit it, one time of 25.
        Assert.InRange(Share("LB_LEAST_CONNECTION", weighted, 1), 0.025, 0.055);
    }

    [Fact]
    public void With_more_choices_the_better_host_is_found_more_often()
    {
        var hosts = Hosts(1, 1);
        hosts[0].RequestsOn(0) = 5;
        var picked = PickedHosts.Of(hosts, BuiltInBalancers.Create("LB_LEAST_REQUEST", new BalancerOptions { ChoiceCount = 5 })!, null);
        Assert.InRange(Share(picked, 1), 0.95, 0.985);
    }

    [Fact]
    public void Peak_EWMA_prefers_the_host_that_answers_faster_and_has_less_to_do()
    {
        var hosts = Hosts(1, 1);
        long now = Environment.TickCount64;
        hosts[0].LatencyOf(0).Measure(20_000, now);
        hosts[1].LatencyOf(0).Measure(1_000, now);
        Assert.InRange(Share("LB_PEAK_EWMA", hosts, 1), 0.72, 0.78);

        hosts[1].RequestsOn(0) = 40;
        Assert.InRange(Share("LB_PEAK_EWMA", hosts, 1), 0.22, 0.28);
    }

    [Fact]
    public void A_moving_average_follows_peaks_at_once_and_forgets_them_little_by_little()
    {
        var host = Hosts(1)[0];
        ref var state = ref host.LatencyOf(0);
        state.Measure(100, 1000);
        state.Measure(5000, 1001);
        Assert.Equal(5000, state.Average);
        state.Measure(100, 1002);
        Assert.InRange(state.Average, 4990, 5000);
        state.Measure(100, 11_002);
        Assert.InRange(state.Average, 1800, 2000);
    }

    [Theory]
    [InlineData(0, 1, 0.1)]
    [InlineData(5_000, 1, 0.5)]
    [InlineData(10_000, 1, 1)]
    [InlineData(2_500, 2, 0.5)]
    [InlineData(100_000, 1, 1)]
    public void A_host_in_its_slow_start_has_a_share_that_grows(int milliseconds, double aggression, double expected)
        => Assert.Equal(expected, new SlowStartConfiguration(TimeSpan.FromSeconds(10), aggression, 0.1).ShareAfter(milliseconds), 3);

    [Theory]
    [InlineData("LB_WEIGHTED_ROUNDROBIN")]
    [InlineData("LB_LEAST_REQUEST")]
    [InlineData("LB_LEAST_CONNECTION")]
    public void A_host_that_has_become_healthy_gets_little_at_first(string balancer)
    {
        var cluster = new Cluster(
            new ClusterConfiguration { Name = "a", LoadBalancer = new BalancerConfiguration { Name = balancer }, SlowStart = new(TimeSpan.FromHours(1), 1, 0.1) }, Hosts(2, 2), 4);
        Assert.InRange(Share(cluster), 0.45, 0.55);
        _ = cluster.Hosts[1].Health.Fail(HostFailures.FailedChecks, "test");
        cluster.OnHealthChanged(cluster.Hosts[1], "is sick");
        _ = cluster.Hosts[1].Health.Recover(HostFailures.FailedChecks, "test");
        cluster.OnHealthChanged(cluster.Hosts[1], "is well");
        Assert.InRange(Share(cluster), 0.07, 0.11);
        cluster.Hosts[1].Health.HealthySince -= 3_600_000;
        cluster.Refresh();
        Assert.InRange(Share(cluster), 0.45, 0.55);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void Requests_go_to_the_preferred_zone_while_enough_of_it_is_healthy(int sick, int expected)
    {
        var hosts = new HostSet(
            [.. "abcd".Select((name, i) => new UpstreamHost(name.ToString(), $"10.0.0.{i}:80", new IPEndPoint(0, 80), "", 1, 4, new Dictionary<string, string> { ["zone"] = i < 2 ? "here" : "there" }))], 4);
        for (int i = 0; i < sick; i++)
        {
            _ = hosts[i].Health.Fail(HostFailures.FailedChecks, "test");
        }

        var cluster = new Cluster(new ClusterConfiguration { Name = "a", Zone = new("zone", "here", 50) }, hosts, 4);
        var picked = Enumerable.Range(0, 40).Select(_ => Choose(cluster)).Distinct().ToList();
        Assert.Equal(expected, picked.Count);
        Assert.All(picked, host => Assert.Equal(sick < 2 ? "here" : "there", host.Metadata["zone"]));
    }

    [Fact]
    public void Drawing_by_weight_is_exact()
    {
        int[] weights = [.. Enumerable.Range(0, 50).Select(i => 1 + (i * 7 % 20))];
        var hosts = Hosts(weights);
        var counts = new int[50];
        const int Draws = 400_000;
        for (int i = 0; i < Draws; i++)
        {
            TriedHosts tried = default;
            var context = new PickContext(0, _random.NextULong(), in tried);
            counts[hosts.Draw(ref context)]++;
        }

        // Four standard deviations.
        double total = weights.Sum();
        Assert.All(Enumerable.Range(0, 50), i => Assert.InRange(counts[i], (Draws * weights[i] / total) - (4 * Math.Sqrt(Draws * weights[i] / total)), (Draws * weights[i] / total) + (4 * Math.Sqrt(Draws * weights[i] / total))));
    }

    [Theory]
    [InlineData("\"lb_type\":\"LB_LEAST_REQUEST\",\"lbconfig\":{\"choice_count\":-1}", "lbconfig.choice_count", "from 1 to 128")]
    [InlineData("\"lb_type\":\"LB_LEAST_REQUEST\",\"lbconfig\":{\"active_request_bias\":-0.5}", "lbconfig.active_request_bias", "a number from 0 to 100")]
    [InlineData("\"slow_start\":{\"mode\":\"linear\"}", "slow_start.mode", "wanted one of duration")]
    [InlineData("\"slow_start\":{\"mode\":\"duration\",\"slow_start_duration\":7}", "slow_start.slow_start_duration", "a duration")]
    [InlineData("\"slow_start\":{\"mode\":\"duration\",\"min_weight_percent\":2}", "slow_start.min_weight_percent", "a number from 0 to 1")]
    [InlineData("\"session_affinity\":{\"cookie\":{}}", "session_affinity.cookie.name", "is missing and required")]
    [InlineData("\"session_affinity\":{\"cookie\":{\"name\":\"a b\"}}", "session_affinity.cookie.name", "a cookie's name")]
    [InlineData("\"session_affinity\":{\"cookie\":{\"name\":\"a\",\"path\":\"x;y\"}}", "session_affinity.cookie.path", "a path that begins with /")]
    [InlineData("\"zone_preference\":{}", "zone_preference.value", "is missing and required")]
    [InlineData("\"zone_preference\":{\"value\":\"a\",\"min_healthy_percent\":0}", "zone_preference.min_healthy_percent", "from 1 to 100")]
    public void What_is_wrong_is_an_error_with_its_path(string cluster, string path, string message)
    {
        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(
            $$"""{"servers":[{"listeners":[]}],"cluster_manager":{"clusters":[{"name":"up",{{cluster}},"hosts":[{"address":"127.0.0.1:1"}]}]} }"""), "test.json")).Problems);
        Assert.Equal("cluster_manager.clusters[0]." + path, problem.JsonPath);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    private static UpstreamHost[] Many(int count, Func<int, int> weight)
        => [.. Enumerable.Range(0, count).Select(i => new UpstreamHost($"h{i}", $"10.0.{i / 256}.{i % 256}:80", new IPEndPoint(IPAddress.Loopback, 80), "", weight(i), 1))];

    private static PickedHosts Of(UpstreamHost[] hosts) => PickedHosts.Of(new HostSet(hosts, 1), new MaglevBalancer(), null);

    private static ulong Hash(int key) => Outrider.Proxy.Routing.RequestHash.OfValue(Encoding.UTF8.GetBytes($"key-{key}"));

    private UpstreamHost Pick(PickedHosts hosts, ulong hash)
    {
        TriedHosts tried = default;
        return hosts.Next(_random, ref tried, hash: hash)!;
    }

    private UpstreamHost Choose(Cluster cluster)
    {
        TriedHosts tried = default;
        return cluster.ChooseHost(0, _random, ref tried)!;
    }

    private double Share(Cluster cluster) => Enumerable.Range(0, 4000).Count(_ => Choose(cluster) == cluster.Hosts[1]) / 4000.0;

    private double Share(string balancer, HostSet hosts, int index) => Share(Picked(balancer, hosts), index);

    private double Share(PickedHosts picked, int index) => Enumerable.Range(0, 8000).Count(_ =>
    {
        TriedHosts tried = default;
        return picked.Next(_random, ref tried) == picked.Hosts[index];
    }) / 8000.0;
}
