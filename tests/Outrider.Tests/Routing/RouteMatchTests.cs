using Outrider.Http.Messages;
using Outrider.Proxy.Routing;
using static Outrider.Tests.Routing.RouterFixture;

namespace Outrider.Tests.Routing;

public class RouteMatchTests
{
    [Theory]
    [InlineData("""{"prefix": "/api"}""", "/api", true)]
    [InlineData("""{"prefix": "/api"}""", "/apis/1?x=/", true)]
    [InlineData("""{"prefix": "/api"}""", "/API", false)]
    [InlineData("""{"prefix": "/api"}""", "/x?/api", false)]
    [InlineData("""{"path": "/Api"}""", "/aPI", true)]
    [InlineData("""{"path": "/Api"}""", "/api?q", true)]
    [InlineData("""{"path": "/Api"}""", "/api/", false)]
    [InlineData("""{"regex": "^/v[0-9]+/"}""", "/v12/x", true)]
    [InlineData("""{"regex": "^/v[0-9]+$"}""", "/v12?x", true)]
    [InlineData("""{"regex": "b+"}""", "/abc", true)]
    [InlineData("""{"regex": "^/v[0-9]+/"}""", "/x?/v1/", false)]
    [InlineData("""{"regex": "^/ä$"}""", "/ä", true)]
    [InlineData("{}", "/whatever", true)]
    public void A_path_matches_by_prefix_whole_or_pattern_and_never_by_the_query(string match, string target, bool expected)
        => Assert.Equal(expected, Matches(match, Request(target)));

    [Theory]
    [InlineData("/admin")]
    [InlineData("//admin")]
    [InlineData("/%61dmin")]
    [InlineData("/%61%64%6D%69n?x")]
    [InlineData("/./admin")]
    [InlineData("/x/../admin")]
    [InlineData("/x/%2e%2E/admin")]
    [InlineData("/x/.%2e//admin/y")]
    [InlineData("/x%2F..%2fadmin")]
    [InlineData("/../../admin")]
    [InlineData("/a/b/../../admin/.")]
    [InlineData("/%2fadmin")]
    public void A_path_is_matched_as_an_upstream_would_read_it(string target)
    {
        Assert.True(Matches("""{"prefix": "/admin"}""", Request(target)));
        Assert.False(Matches("""{"prefix": "/x"}""", Request(target)));
    }

    [Theory]
    [InlineData("/admin/..", "/")]
    [InlineData("/admin/../", "/")]
    [InlineData("/admin/.", "/admin/")]
    [InlineData("/..", "/")]
    [InlineData("/.", "/")]
    [InlineData("//", "/")]
    [InlineData("/a/...", "/a/...")]
    [InlineData("/.a/..b/c.", "/.a/..b/c.")]
    [InlineData("/a%", "/a%")]
    [InlineData("/a%4", "/a%4")]
    [InlineData("/a%zz", "/a%zz")]
    [InlineData("/%2541", "/%41")]
    [InlineData("*", "*")]
    public void The_normal_form_of_a_path(string path, string normal)
        => Assert.Equal(normal, Text(NormalPath.Write(System.Text.Encoding.UTF8.GetBytes(path), new byte[64])));

    [Fact]
    public void A_long_path_matches_a_pattern_as_a_short_one_does()
        => Assert.True(Matches("""{"regex": "x/end$"}""", Request("/" + new string('x', 5000) + "/end")));

    [Fact]
    public void A_header_matches_exactly_whatever_the_case_of_its_name()
    {
        const string Match = """{"prefix": "/", "headers": [{"name": "X-Env", "value": "gray"}]}""";

        Assert.True(Matches(Match, Request(fields: ("x-env", "gray"))));
        Assert.False(Matches(Match, Request(fields: ("x-env", "Gray"))));
        Assert.False(Matches(Match, Request(fields: ("x-envy", "gray"))));
        Assert.False(Matches(Match, Request()));
    }

    [Fact]
    public void A_header_matches_by_pattern()
    {
        const string Match = """{"prefix": "/", "headers": [{"name": "x-user", "value": "^[0-9]+$", "regex": true}]}""";

        Assert.True(Matches(Match, Request(fields: ("X-User", "42"))));
        Assert.False(Matches(Match, Request(fields: ("X-User", "4b2"))));
    }

    [Fact]
    public void All_headers_must_match()
    {
        const string Match = """{"prefix": "/", "headers": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]}""";

        Assert.True(Matches(Match, Request(fields: [("b", "2"), ("a", "1")])));
        Assert.False(Matches(Match, Request(fields: ("a", "1"))));
    }

    [Fact]
    public void A_header_named_method_is_the_method_of_the_request()
    {
        const string Match = """{"prefix": "/", "headers": [{"name": "method", "value": "POST"}]}""";

        Assert.True(Matches(Match, Request(method: "POST")));
        Assert.False(Matches(Match, Request(method: "GET", fields: ("method", "POST"))));
    }

    [Fact]
    public void A_header_named_host_is_the_authority()
        => Assert.True(Matches("""{"prefix": "/", "headers": [{"name": "Host", "value": "example.com"}]}""", Request()));

    [Fact]
    public void The_first_route_that_matches_counts()
    {
        RouterTable table = Routes("""
            {"match": {"prefix": "/a/b"}, "route": {"cluster_name": "a"}},
            {"match": {"prefix": "/a"}, "route": {"cluster_name": "b"}},
            {"match": {"path": "/a/b"}, "route": {"cluster_name": "c"}}
            """);

        Assert.Equal("prefix /a/b", table.Match(Request("/a/b"))!.Info.Name);
        Assert.Equal("prefix /a", table.Match(Request("/a/c"))!.Info.Name);
        Assert.Null(table.Match(Request("/c")));
    }

    [Fact]
    public void A_route_knows_its_names_and_its_timeout()
    {
        Route route = Routes("""{"match": {"prefix": "/"}, "route": {"cluster_name": "a", "timeout": "2s"}}""").Match(Request())!;

        Assert.Equal(("prefix /", "all", "r"), (route.Info.Name, route.Info.VirtualHost, route.Info.RouterConfigName));
        Assert.Equal(2000, route.TimeoutMilliseconds);
    }

    [Theory]
    [InlineData("100us", 1)]
    [InlineData("0s", 60_000)]
    public void A_timeout_is_never_rounded_down_to_none(string timeout, int milliseconds)
        => Assert.Equal(milliseconds, Routes($$"""{"match": {"prefix": "/"}, "route": {"cluster_name": "a", "timeout": "{{timeout}}"} }""").Match(Request())!.TimeoutMilliseconds);

    private static bool Matches(string match, RequestHead request)
        => Routes($$"""{"match": {{match}}, "route": {"cluster_name": "a"} }""").Match(request) is not null;
}
