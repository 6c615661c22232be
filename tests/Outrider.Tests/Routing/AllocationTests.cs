using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Http.Messages;
using Outrider.Net.Addresses;
using Outrider.Proxy.Routing;
using Outrider.Samples.RendezvousBalancer;
using Outrider.Tests.Harness;
using Outrider.Upstream;
using Outrider.Upstream.Balancing;
using static Outrider.Tests.Routing.RouterFixture;

namespace Outrider.Tests.Routing;

public class AllocationTests
{
    [Theory]
    [InlineData("""{"prefix": "/api"}""", """{"cluster_name": "a"}""")]
    [InlineData("""{"path": "/API/users"}""", """{"weighted_clusters": [{"cluster": {"name": "a", "weight": 1}}, {"cluster": {"name": "b", "weight": 2}}]}""")]
    [InlineData("""{"regex": "^/api/[a-z]+$", "headers": [{"name": "x-user", "value": "^[0-9]+$", "regex": true}]}""", """{"cluster_header": "x-cluster"}""")]
    public void Matching_and_choosing_a_cluster_allocate_nothing(string match, string action)
    {
        string route = $$"""{"match": {{match}}, "route": {{action}}}""";
        RouterTable table = Hosts($$"""{"name": "x", "domains": ["*.example.com:*"], "routers": [{{route}}]}, {{Host("y", "*", "other.example")}}""");
        RequestHead request = Request("/api/users?q=1", "www.Example.com:8080", "GET", ("X-User", "42"), ("X-Cluster", "c"));
        var random = new LoopRandom(1);

        Allocation.AssertNone(() =>
        {
            Route? found = table.Match(request);
            if (found?.ChooseCluster(request, random, 0, out _) is null)
            {
                throw new InvalidOperationException("nothing was found");
            }
        });
    }

    [Fact]
    public void Choosing_a_host_and_another_for_a_retry_allocates_nothing()
    {
        foreach (string type in (string[])[.. BuiltInBalancers.Names, "LB_RENDEZVOUS"])
        {
            var configuration = new ClusterConfiguration { Name = "a", LoadBalancer = new BalancerConfiguration { Name = type } };
            var cluster = new Cluster(configuration, Upstream.HostFixture.Hosts(3, 1, 2), 4, balancer: BuiltInBalancers.Create(type) ?? new RendezvousBalancer(new RendezvousConfig()));
            var random = new LoopRandom(1);
            Allocation.AssertNone(() =>
            {
                TriedHosts tried = default;
                if (cluster.ChooseHost(3, random, ref tried, hash: 5) == cluster.ChooseHost(3, random, ref tried, hash: 5))
                {
                    throw new InvalidOperationException("the retry went to the same host");
                }
            });
        }
    }

    [Theory]
    [InlineData("""{"header": {"key": "x-user"}}""")]
    [InlineData("""{"cookie": {"name": "s"}}""")]
    [InlineData("""{"source_ip": {}}""")]
    public void A_hash_of_a_request_allocates_nothing(string policy)
    {
        RouterTable table = Routes($$"""{"match": {"prefix": "/"}, "route": {"cluster_name": "a", "hash_policy": [{{policy}}] } }""");
        RequestHead request = Request("/", "example.com", "GET", ("X-User", "42"), ("Cookie", "a=1; s=2"));
        var client = PeerAddress.Create([10, 0, 0, 1], 5);
        RequestHash hash = table.Match(request)!.Hash!;
        Allocation.AssertNone(() =>
        {
            if (hash.Of(request, client) is null)
            {
                throw new InvalidOperationException("no hash");
            }
        });
    }

    [Fact]
    public void Applying_a_prefix_rewrite_and_header_changes_allocates_nothing()
    {
        RouterTable table = Routes("""
            {"match": {"prefix": "/api"}, "route": {"cluster_name": "a", "prefix_rewrite": "/v1", "host_rewrite": "internal",
              "request_headers_to_add": [{"header": {"key": "x-list", "value": "b"}}, {"header": {"key": "x-new", "value": "1"}}],
              "request_headers_to_remove": ["x-secret"]}}
            """);
        var request = new RequestHead();
        Allocation.AssertNone(() =>
        {
            request.Clear();
            request.SetMethod("GET"u8);
            request.SetTarget("/api/users?q=1"u8);
            request.SetAuthority("example.com"u8);
            request.Fields.Add("x-list"u8, "a"u8);
            request.Fields.Add("x-secret"u8, "a"u8);
            table.Match(request)!.ApplyToRequest(request);
        });
        Assert.Equal("/v1/users?q=1", Text(request.Target));
    }
}
