using System.Net;
using Outrider.Configuration.Model;
using Outrider.Tests.Harness;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;
using static Outrider.Tests.Upstream.HostFixture;

namespace Outrider.Tests.Upstream;

public class DnsRefresherTests
{
    private static readonly TimeSpan s_never = TimeSpan.FromHours(1);

    private string[]? _answer;
    private int _lookups;

    [Fact]
    public async Task New_addresses_come_in_old_ones_go_and_those_that_stay_are_the_same_hosts()
    {
        Cluster cluster = Build(ClusterType.StrictDns, out ClusterSet set, "10.0.0.1", "10.0.0.2");
        UpstreamHost[] before = cluster.Hosts.Hosts.ToArray();
        List<UpstreamHost> removed = [];
        using var refresher = new DnsRefresher(set, null, removed.Add, s_never, Resolve);
        _answer = ["10.0.0.3", "10.0.0.2"];
        await refresher.RefreshAsync();

        Assert.Equal(["10.0.0.2:80", "10.0.0.3:80"], Addresses(cluster));
        Assert.Same(before[1], cluster.Hosts[0]);
        Assert.Equal([before[0]], removed);
    }

    [Fact]
    public async Task An_answer_in_another_order_changes_nothing()
    {
        Cluster cluster = Build(ClusterType.StrictDns, out ClusterSet set, "10.0.0.1", "10.0.0.2");
        HostSet before = cluster.Hosts;
        using var refresher = new DnsRefresher(set, interval: s_never, resolver: Resolve);
        _answer = ["10.0.0.2", "10.0.0.1"];
        await refresher.RefreshAsync();

        Assert.Same(before, cluster.Hosts);
    }

    [Fact]
    public async Task A_host_of_a_simple_cluster_keeps_its_address_while_the_name_has_it()
    {
        Cluster cluster = Build(ClusterType.Simple, out ClusterSet set, "10.0.0.1");
        using var refresher = new DnsRefresher(set, interval: s_never, resolver: Resolve);
        _answer = ["10.0.0.2", "10.0.0.1"];
        await refresher.RefreshAsync();
        Assert.Equal(["10.0.0.1:80"], Addresses(cluster));

        _answer = ["10.0.0.3", "10.0.0.2"];
        await refresher.RefreshAsync();
        Assert.Equal(["10.0.0.3:80"], Addresses(cluster));
    }

    [Fact]
    public async Task A_host_left_out_comes_in_when_its_name_resolves()
    {
        Cluster cluster = Build(ClusterType.Simple, out ClusterSet set);
        Assert.Empty(Addresses(cluster));
        using var refresher = new DnsRefresher(set, interval: TimeSpan.FromMilliseconds(20), resolver: Resolve);
        _answer = ["10.0.0.1"];
        await Eventually.HoldsAsync(() => cluster.Hosts.Count > 0);

        Assert.Equal(["10.0.0.1:80"], Addresses(cluster));
    }

    [Fact]
    public async Task A_name_that_ceases_to_resolve_keeps_its_addresses_and_is_reported_once()
    {
        Cluster cluster = Build(ClusterType.StrictDns, out ClusterSet set, "10.0.0.1");
        List<string> warnings = [];
        using var refresher = new DnsRefresher(set, warnings.Add, null, s_never, Resolve);
        _answer = null;
        await refresher.RefreshAsync();
        await refresher.RefreshAsync();

        Assert.Equal(["10.0.0.1:80"], Addresses(cluster));
        Assert.Equal("cluster a: backend does not resolve (no such name); its former addresses stay in use", Assert.Single(warnings));
    }

    [Fact]
    public async Task Once_disposed_it_changes_nothing()
    {
        Cluster cluster = Build(ClusterType.StrictDns, out ClusterSet set, "10.0.0.1");
        var answer = new TaskCompletionSource<IPAddress[]>();
        var refresher = new DnsRefresher(set, interval: s_never, resolver: (_, _) => answer.Task);
        Task refresh = refresher.RefreshAsync();
        refresher.Dispose();
        answer.SetResult([IPAddress.Loopback]);
        await Record.ExceptionAsync(() => refresh);

        Assert.Equal(["10.0.0.1:80"], Addresses(cluster));
    }

    [Fact]
    public async Task Without_names_nothing_is_looked_up()
    {
        ClusterSet set = ClusterSet.Build([Cluster("a", "10.0.0.1:80")], null, 1, Resolve);
        using var refresher = new DnsRefresher(set, interval: TimeSpan.FromMilliseconds(5), resolver: Resolve);
        await Task.Delay(50);

        Assert.Equal(0, _lookups);
    }

    private Cluster Build(ClusterType type, out ClusterSet set, params string[] addresses)
    {
        _answer = addresses.Length == 0 ? null : addresses;
        set = ClusterSet.Build([Cluster("a", "backend:80") with { Type = type }], null, 1, Resolve);
        return set.Find("a")!;
    }

    private Task<IPAddress[]> Resolve(string name, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _lookups);
        return Task.FromResult(_answer?.Select(IPAddress.Parse).ToArray() ?? throw new InvalidOperationException("no such name"));
    }
}
