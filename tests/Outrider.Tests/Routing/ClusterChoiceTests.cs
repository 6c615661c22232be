using Outrider.Proxy.Routing;
using Outrider.Upstream;
using static Outrider.Tests.Routing.RouterFixture;

namespace Outrider.Tests.Routing;

public class ClusterChoiceTests
{
    private readonly LoopRandom _random = new(1);

    [Fact]
    public void A_name_is_a_cluster_of_the_set()
        => Assert.Same(Clusters.Find("b"), Route("""{"cluster_name": "b"}""").ChooseCluster(Request(), _random, 0, out _));

    [Fact]
    public void Weights_share_the_requests()
    {
        Route route = Route("""
            {"weighted_clusters": [
                {"cluster": {"name": "a", "weight": 70}}, {"cluster": {"name": "b", "weight": 30}}, {"cluster": {"name": "c", "weight": 0}}]}
            """);
        Dictionary<string, int> counts = Enumerable.Range(0, 10_000).Select(_ => route.ChooseCluster(Request(), _random, 0, out var _)!.Name)
            .CountBy(name => name).ToDictionary();

        Assert.InRange(counts["a"], 6700, 7300);
        Assert.InRange(counts["b"], 2700, 3300);
        Assert.DoesNotContain("c", counts.Keys);
    }

    [Theory]
    [InlineData("b", "b")]
    [InlineData("B", null)]
    [InlineData("nothing", null)]
    public void A_header_names_the_cluster(string value, string? expected)
        => Assert.Equal(expected, Route("""{"cluster_header": "x-cluster"}""").ChooseCluster(Request(fields: ("X-Cluster", value)), _random, 0, out _)?.Name);

    [Fact]
    public void Without_the_header_there_is_no_cluster()
        => Assert.Null(Route("""{"cluster_header": "x-cluster"}""").ChooseCluster(Request(), _random, 0, out _));

    [Fact]
    public void A_route_that_does_not_forward_has_no_cluster()
        => Assert.Null(Routes("""{"match": {"prefix": "/"}, "direct_response": {"status": 200}}""").Match(Request())!.ChooseCluster(Request(), _random, 0, out _));

    private static Route Route(string action) => Routes($$"""{"match": {"prefix": "/"}, "route": {{action}}}""").Match(Request())!;
}
