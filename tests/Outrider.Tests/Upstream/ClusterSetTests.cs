using System.Net;
using System.Runtime.CompilerServices;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;
using static Outrider.Tests.Upstream.HostFixture;

namespace Outrider.Tests.Upstream;

public class ClusterSetTests
{
    [Fact]
    public void A_reload_that_changes_one_cluster_leaves_the_others_as_they_are()
    {
        static IReadOnlyList<ClusterConfiguration> Parse(string more, string lines = "") => Outrider.Configuration.ConfigurationLoader.Parse(System.Text.Encoding.UTF8.GetBytes($$"""
            { {{lines}}"servers":[{"default_log_path":"stderr","listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"tcp_proxy","config":{"cluster":"a"} }]}]}]}],
              "cluster_manager":{"clusters":[
                {"name":"a","type":"SIMPLE","hosts":[{"address":"10.0.0.1:80"},{"address":"10.0.0.2:80"},{"address":"10.0.0.3:80"}]},
                {"name":"b","type":"SIMPLE"{{more}},"hosts":[{"address":"10.0.0.1:80"}]}]} }
            """), "/test/mosn.json").Configuration.Clusters;
        var before = ClusterSet.Build(Parse(""), null, 2);
        var random = new LoopRandom(1);
        TriedHosts first = default;
        Assert.Equal("10.0.0.1:80", before.Find("a")!.ChooseHost(0, random, ref first)!.Address);

        var after = ClusterSet.Build(Parse(""","max_connections":7""", "\n\n"), before, 2);

        Assert.Same(before.Find("a"), after.Find("a"));
        Assert.NotSame(before.Find("b"), after.Find("b"));
        Assert.Same(before.Find("b")!.Hosts[0], after.Find("b")!.Hosts[0]);
        Assert.Equal(7, after.Find("b")!.Configuration.MaxConnections);

        after.Use();

        // Its round goes on, and does not begin again.
        TriedHosts second = default;
        Assert.Equal("10.0.0.2:80", after.Find("a")!.ChooseHost(0, random, ref second)!.Address);
    }

    [Fact]
    public void A_cluster_is_found_by_its_name()
    {
        ClusterSet set = ClusterSet.Build([Cluster("one"), Cluster("zwölf")], null, 1);

        Assert.Same(set.Clusters[1], set.Find("zwölf"));
        Assert.Null(set.Find("ONE"));
    }

    [Fact]
    public void Other_hosts_of_a_cluster_that_stays_the_same_come_with_the_use_of_the_set()
    {
        static IReadOnlyList<ClusterConfiguration> Parse(string hosts) => Outrider.Configuration.ConfigurationLoader.Parse(System.Text.Encoding.UTF8.GetBytes($$"""
            { "servers":[{"default_log_path":"stderr","listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"tcp_proxy","config":{"cluster":"a"} }]}]}]}],
              "cluster_manager":{"clusters":[{"name":"a","type":"SIMPLE","hosts":[{{hosts}}]}]} }
            """), "/test/mosn.json").Configuration.Clusters;
        var before = ClusterSet.Build(Parse("""{"address":"10.0.0.1:80"},{"address":"10.0.0.2:80"}"""), null, 2);
        var cluster = before.Find("a")!;
        var kept = cluster.Hosts[1];
        var random = new LoopRandom(1);
        TriedHosts first = default;
        Assert.Equal("10.0.0.1:80", cluster.ChooseHost(0, random, ref first)!.Address);

        var after = ClusterSet.Build(Parse("""{"address":"10.0.0.3:80"},{"address":"10.0.0.2:80","weight":7}"""), before, 2);

        Assert.Same(cluster, after.Find("a"));
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80"], Addresses(cluster));
        Assert.Equal(["10.0.0.1:80"], before.HostsMissingFrom(after).Select(host => host.Address));

        after.Use();

        Assert.Equal(["10.0.0.3:80", "10.0.0.2:80"], Addresses(cluster));
        Assert.Same(kept, cluster.Hosts[1]);
        Assert.Equal(7, cluster.Configuration.Hosts[1].Weight);
        TriedHosts second = default;
        Assert.Equal("10.0.0.2:80", cluster.ChooseHost(0, random, ref second)!.Address);
    }

    [Fact]
    public void A_reload_keeps_the_hosts_whose_cluster_and_address_stay()
    {
        ClusterSet before = ClusterSet.Build([Cluster("a", "10.0.0.1:80", "10.0.0.2:80"), Cluster("b", "10.0.0.1:80")], null, 2);
        UpstreamHost kept = before.Find("a")!.Hosts[1];
        var pool = new object();
        kept.On(1).Pool = pool;
        kept.On(1).TotalRequests = 5;
        ClusterConfiguration changed = Cluster("a", "10.0.0.3:80") with { Hosts = [Address("10.0.0.3:80"), Address("10.0.0.2:80", weight: 9)] };
        ClusterSet after = ClusterSet.Build([changed], before, 2);

        HostSet hosts = after.Find("a")!.Hosts;
        Assert.Same(kept, hosts[1]);
        Assert.Same(pool, hosts[1].On(1).Pool);
        Assert.Equal((5, 9), (hosts[1].TotalRequests, hosts[1].Weight));
        Assert.Equal([1, 9], hosts.Weights.ToArray());
        Assert.Equal([before.Find("a")!.Hosts[0], before.Find("b")!.Hosts[0]], before.HostsMissingFrom(after));
    }

    [Fact]
    public void The_same_address_in_another_cluster_is_another_host()
    {
        ClusterSet before = ClusterSet.Build([Cluster("a", "10.0.0.1:80")], null, 1);
        ClusterSet after = ClusterSet.Build([Cluster("b", "10.0.0.1:80")], before, 1);

        Assert.NotSame(before.Find("a")!.Hosts[0], after.Find("b")!.Hosts[0]);
    }

    [Fact]
    public void A_hosts_counters_are_the_sums_of_its_loops()
    {
        UpstreamHost host = ClusterSet.Build([Cluster("a", "10.0.0.1:80")], null, 3).Find("a")!.Hosts[0];
        for (int loop = 0; loop < 3; loop++)
        {
            ref LoopHostState state = ref host.On(loop);
            host.RequestsOn(loop) = 1 + loop;
            state.TotalRequests = 10 + loop;
            host.ConnectionsOn(loop) = 100 + loop;
            state.ConnectionsTotal = 1000 + loop;
            state.ConnectFailures = 10000 + loop;
        }

        Assert.Equal((6, 33, 303, 3003, 30003),
            (host.ActiveRequests, host.TotalRequests, host.ConnectionsActive, host.ConnectionsTotal, host.ConnectFailures));
    }

    [Fact]
    public void Two_loops_never_write_to_the_same_cache_line() => Assert.Equal(256, Unsafe.SizeOf<LoopHostState>());

    [Fact]
    public void Unix_sockets_and_ip_addresses_are_hosts_as_they_stand()
        => Assert.Equal(["unix:/run/x.sock", "[::1]:80"], Addresses(ClusterSet.Build([Cluster("a", "unix:/run/x.sock", "[::1]:80")], null, 1).Find("a")!));

    [Fact]
    public void A_name_stands_for_its_first_address_and_in_a_dns_cluster_for_all()
    {
        ClusterSet set = ClusterSet.Build(
            [Cluster("one", "backend:80"), Cluster("all", "backend:80") with { Type = ClusterType.StrictDns }], null, 1,
            Answer("10.0.0.2", "10.0.0.1", "10.0.0.2", "::1"));

        Assert.Equal(["10.0.0.2:80"], Addresses(set.Find("one")!));
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80"], Addresses(set.Find("all")!));
        Assert.Equal(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 80), set.Find("all")!.Hosts[0].EndPoint);
        Assert.Equal("backend:80", set.Find("all")!.Hosts[0].Name);
        Assert.Empty(set.Warnings);
    }

    [Fact]
    public void A_name_with_ipv6_addresses_only_has_those()
        => Assert.Equal(["[::1]:80"], Addresses(ClusterSet.Build([Cluster("a", "backend:80")], null, 1, Answer("::1")).Find("a")!));

    [Fact]
    public void A_name_that_does_not_resolve_is_a_warning_and_its_host_is_left_out()
    {
        ClusterSet set = ClusterSet.Build([Cluster("a", "10.0.0.1:80", "nowhere:80")], null, 1, Fail);

        Assert.Equal(["10.0.0.1:80"], Addresses(set.Find("a")!));
        Assert.Equal("cluster a: nowhere does not resolve (no such name); the host is left out until it does", Assert.Single(set.Warnings));
    }

    [Fact]
    public void A_name_that_ceases_to_resolve_keeps_its_addresses_over_a_reload()
    {
        ClusterConfiguration[] clusters = [Cluster("a", "backend:80") with { Type = ClusterType.StrictDns }];
        ClusterSet before = ClusterSet.Build(clusters, null, 1, Answer("10.0.0.1", "10.0.0.2"));
        ClusterSet after = ClusterSet.Build(clusters, before, 1, Fail);

        Assert.Equal(before.Find("a")!.Hosts.Hosts.ToArray(), after.Find("a")!.Hosts.Hosts.ToArray());
        Assert.Contains("its former addresses stay in use", Assert.Single(after.Warnings), StringComparison.Ordinal);
    }

    internal static NameResolver Answer(params string[] addresses) => (_, _) => Task.FromResult(addresses.Select(IPAddress.Parse).ToArray());

    internal static Task<IPAddress[]> Fail(string name, CancellationToken cancellation) => throw new InvalidOperationException("no such name");
}
