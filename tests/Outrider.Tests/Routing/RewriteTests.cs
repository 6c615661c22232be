using System.Net;
using Outrider.Configuration.Model;
using Outrider.Http.Messages;
using Outrider.Proxy.Routing;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;
using static Outrider.Tests.Routing.RouterFixture;

namespace Outrider.Tests.Routing;

public class RewriteTests
{
    [Theory]
    [InlineData("""{"prefix": "/api/"}""", "/", "/api/x?q=/api/", "/x?q=/api/")]
    [InlineData("""{"prefix": "/api"}""", "/v1", "/api?q", "/v1?q")]
    [InlineData("""{"prefix": "/api"}""", "/v1", "/api/x", "/v1/x")]
    [InlineData("""{"path": "/Api"}""", "/v1", "/api?q", "/v1?q")]
    public void A_prefix_rewrite_replaces_what_matched_and_keeps_the_rest(string match, string rewrite, string target, string expected)
    {
        RequestHead request = Applied(match, $$""" "prefix_rewrite": "{{rewrite}}" """, target);

        Assert.Equal(expected, Text(request.Target));
        Assert.Equal([$"x-mosn-original-path: {target.Split('?')[0]}"], Lines(request.Fields));
    }

    [Theory]
    [InlineData("/a/../api//%20x%3f%41", "/v1//%20x%3f%41")]
    [InlineData("/%61pi/100%25?q=%20", "/v1/100%25?q=%20")]
    [InlineData("/api/%22%e9%2F..%2f", "/v1/%22%e9%2F..%2f")]
    [InlineData("/api/x/../%2e/b", "/v1/x/../%2e/b")]
    [InlineData("/api/[x]|100%", "/v1/[x]|100%")]
    public void What_is_behind_a_prefix_stays_byte_for_byte(string target, string expected)
        => Assert.Equal(expected, Text(Applied("""{"prefix": "/api"}""", """ "prefix_rewrite": "/v1" """, target).Target));

    [Theory]
    [InlineData("^/old/(.*)$", "/new/$1", "/old/%22%E9%2F%C3%A9", "/new/%22%E9%2F%C3%A9")]
    [InlineData("^/old", "/new", "/a/../%6fld/%2f%zz?q=%22", "/new/%2f%zz?q=%22")]
    [InlineData("b", "caf\u00e9 $$1%", "/%61/b/%22b", "/%61/caf%C3%A9%20$1%25/%22caf%C3%A9%20$1%25")]
    [InlineData("^/\u00e9/(.)(.)$", "/$2$1", "/%C3%A9/%E2%82%ACx", "/x%E2%82%AC")]
    [InlineData("x", "%2F\\\"", "/axb", "/a%2F%22b")]
    public void A_regex_rewrite_encodes_what_it_makes_and_keeps_the_bytes_that_it_carries_over(string pattern, string substitution, string target, string expected)
        => Assert.Equal(expected, Text(Applied("""{"prefix": "/"}""", Regex(pattern, substitution), target).Target));

    [Theory]
    [InlineData("^/users/([0-9]+)/posts$", "/posts/$1", "/users/7/posts?p=1", "/posts/7?p=1")]
    [InlineData("^/(?P<who>[a-z]+)/x$", "/${who}", "/bob/x", "/bob")]
    [InlineData("a", "b", "/a/a", "/b/b")]
    [InlineData("^/a", "", "/ab", "/b")]
    [InlineData("^/a$", "/x y?z", "/a?q", "/x%20y%3Fz?q")]
    public void A_regex_rewrite_replaces_every_match_in_the_path(string pattern, string substitution, string target, string expected)
    {
        RequestHead request = Applied("""{"prefix": "/"}""", Regex(pattern, substitution), target);

        Assert.Equal(expected, Text(request.Target));
        Assert.Equal([$"x-mosn-original-path: {target.Split('?')[0]}"], Lines(request.Fields));
    }

    [Theory]
    [InlineData("^/nothing$", "/b")]
    [InlineData("^/a$", "/a")]
    public void A_regex_rewrite_that_changes_nothing_leaves_no_trace(string pattern, string substitution)
    {
        RequestHead request = Applied("""{"prefix": "/"}""", Regex(pattern, substitution), "/a");

        Assert.Equal("/a", Text(request.Target));
        Assert.Equal(0, request.Fields.Count);
    }

    [Fact]
    public void The_original_path_is_the_proxys_word_not_the_clients()
    {
        RequestHead request = Request("/api/x", fields: ("X-Mosn-Original-Path", "/a/much/longer/forged/path"));
        Routes("""{"match": {"prefix": "/api"}, "route": {"cluster_name": "a", "prefix_rewrite": "/"}}""").Match(request)!.ApplyToRequest(request);

        Assert.Equal(["X-Mosn-Original-Path: /api/x"], Lines(request.Fields));
        Assert.Equal("//x", Text(request.Target));
    }

    [Fact]
    public void A_path_that_a_filter_changed_since_is_not_rewritten()
    {
        RequestHead request = Request("/api/x");
        Route route = Routes("""{"match": {"prefix": "/api"}, "route": {"cluster_name": "a", "prefix_rewrite": "/v1"}}""").Match(request)!;
        request.SetTarget("/o"u8);
        route.ApplyToRequest(request);

        Assert.Equal("/o", Text(request.Target));
    }

    [Fact]
    public void A_rewrite_survives_that_the_head_grows_while_it_is_made()
    {
        string tail = new('x', 3000);
        RequestHead request = Applied("""{"prefix": "/api/"}""", """ "prefix_rewrite": "/" """, $"/api/{tail}?q={tail}");

        Assert.Equal($"/{tail}?q={tail}", Text(request.Target));
        Assert.Equal([$"x-mosn-original-path: /api/{tail}"], Lines(request.Fields));
    }

    [Fact]
    public void A_host_rewrite_replaces_the_authority()
        => Assert.Equal("internal:8080", Text(Applied("""{"prefix": "/"}""", """ "host_rewrite": "internal:8080" """, "/").Authority));

    [Theory]
    [InlineData("STRICT_DNS", "name.internal", "name.internal")]
    [InlineData("STRICT_DNS", "", "example.com")]
    [InlineData("SIMPLE", "name.internal", "example.com")]
    public void An_automatic_host_rewrite_asks_for_the_chosen_hosts_name_in_dns_clusters(string type, string hostname, string expected)
    {
        RequestHead request = Request();
        Route route = Routes("""{"match": {"prefix": "/"}, "route": {"cluster_name": "a", "auto_host_rewrite": true}}""").Match(request)!;
        var configuration = new ClusterConfiguration { Name = "a", Type = type == "SIMPLE" ? ClusterType.Simple : ClusterType.StrictDns };
        var host = new UpstreamHost("h:1", "h:1", new IPEndPoint(IPAddress.Loopback, 1), hostname, 1, 1);
        var cluster = new Cluster(configuration, new HostSet([host], 1), 1);
        route.ApplyToRequest(request);
        route.ApplyHost(request, cluster, host);
        route.ApplyHost(request, cluster, host);

        Assert.Equal(expected, Text(request.Authority));
    }

    private static string Regex(string pattern, string substitution)
        => $$$""" "regex_rewrite": {"pattern": {"regex": "{{{pattern}}}"}, "substitution": "{{{substitution}}}"} """;

    private static RequestHead Applied(string match, string action, string target)
    {
        RequestHead request = Request(target);
        Routes($$"""{"match": {{match}}, "route": {"cluster_name": "a", {{action}} } }""").Match(request)!.ApplyToRequest(request);
        return request;
    }
}
