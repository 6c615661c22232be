using Outrider.Configuration;
using Outrider.Configuration.Model;

namespace Outrider.Tests.Configuration;

public class RouteTests
{
    [Theory]
    [InlineData("\"prefix\": \"/a\"", "prefix /a")]
    [InlineData("\"path\": \"/a\"", "path /a")]
    [InlineData("\"regex\": \"^/a\"", "regex ^/a")]
    [InlineData("", "any path")]
    [InlineData("\"path\": \"/a\", \"headers\": [{ \"name\": \"x-env\", \"value\": \"gray\" }, { \"name\": \"method\", \"value\": \"GET\" }]", "path /a, method GET, header x-env: gray")]
    [InlineData("\"headers\": [{ \"name\": \"x-env\", \"value\": \"g.*\", \"regex\": true }]", "any path, header x-env ~ g.*")]
    [InlineData("\"headers\": [{ \"name\": \"service\", \"value\": \".*\" }]", "any path, header service ~ .+")]
    [InlineData("\"headers\": [{ \"name\": \"service\", \"value\": \"pay\" }]", "any path, header service: pay")]
    public void A_route_is_named_by_its_match(string match, string name) => Assert.Equal(name, new Sample { Match = match }.OneRoute().DisplayName);

    [Theory]
    [InlineData("\"regex\": \"^/c\", \"path\": \"/b\", \"prefix\": \"/a\"", "prefix /a", 2)]
    [InlineData("\"regex\": \"^/c\", \"path\": \"/b\"", "path /b", 1)]
    public void Prefix_comes_before_path_and_path_before_regex_as_in_MOSN(string match, string name, int warnings)
    {
        LoadedConfiguration loaded = new Sample { Match = match }.Load();
        Assert.Equal(name, loaded.Configuration.Server.Routers[0].VirtualHosts[0].Routes[0].DisplayName);
        Assert.Equal(warnings, loaded.Warnings.Count(w => w.Message.EndsWith("which wins", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_header_named_method_is_the_method_only_where_a_path_is_matched_as_in_MOSN()
    {
        RouteMatchConfiguration match = new Sample { Match = """ "headers": [{ "name": "method", "value": "GET" }] """ }.OneRoute().Match;
        Assert.Null(match.Method);
        Assert.Equal("method", Assert.Single(match.Headers).Name);
    }

    [Theory]
    [InlineData("\"regex\": \"(\"", "match.regex: not a valid regular expression")]
    [InlineData("\"prefix\": \"/\", \"headers\": [{ \"name\": \"a\", \"value\": \"[\", \"regex\": true }]", "match.headers[0].value: not a valid regular expression")]
    [InlineData("\"prefix\": \"/\", \"headers\": [{ \"value\": \"a\" }]", "match.headers[0].name: is missing and required")]
    [InlineData("\"prefix\": \"/\", \"headers\": [{ \"name\": \"a b\" }]", "match.headers[0].name: found the string \"a b\", wanted a header's name")]
    [InlineData("\"prefix\": 5", "match.prefix: found the number 5, wanted a string")]
    public void A_match_that_cannot_be_done_is_an_error(string match, string error)
        => Assert.StartsWith("servers[0].routers[0].virtual_hosts[0].routers[0]." + error, new Sample { Match = match }.Error(), StringComparison.Ordinal);

    [Fact]
    public void What_a_route_leaves_out_has_its_default()
    {
        RouteActionConfiguration action = new Sample().OneRoute().Action!;
        Assert.Equal("backend", action.ClusterName);
        Assert.Null(action.ClusterHeader);
        Assert.Empty(action.WeightedClusters);
        Assert.Equal(TimeSpan.FromSeconds(60), action.Timeout);
        Assert.Null(action.PrefixRewrite);
        Assert.Null(action.RegexRewrite);
        Assert.Null(action.HostRewrite);
        Assert.False(action.AutoHostRewrite);
        Assert.Null(action.RetryPolicy);
    }

    [Fact]
    public void Every_field_of_a_route_is_read()
    {
        RouteActionConfiguration action = Action("""
            "cluster_name": "backend", "timeout": "3s", "prefix_rewrite": "/v1/", "host_rewrite": "inner:80", "auto_host_rewrite": true,
            "retry_policy": { "retry_on": true, "retry_timeout": "1s", "num_retries": 2, "status_codes": [502, 503] }
            """);
        Assert.Equal(TimeSpan.FromSeconds(3), action.Timeout);
        Assert.Equal("/v1/", action.PrefixRewrite);
        Assert.Equal("inner:80", action.HostRewrite);
        Assert.True(action.AutoHostRewrite);
        Assert.Equal((true, TimeSpan.FromSeconds(1), 2), (action.RetryPolicy!.RetryOn, action.RetryPolicy.RetryTimeout, action.RetryPolicy.NumRetries));
        Assert.Equal([502, 503], action.RetryPolicy.StatusCodes);
    }

    [Theory]
    [InlineData("\"unavailable\"", true, false)]
    [InlineData("\"5xx,unavailable\"", true, true)]
    [InlineData("\"5xx\"", true, true)]
    [InlineData("\"\"", false, false)]
    [InlineData("true", true, true)]
    [InlineData("false", false, true)]
    public void When_to_try_again_is_a_flag_or_Envoys_words(string json, bool retries, bool onFailure)
    {
        var policy = Action($$"""
            "cluster_name": "backend", "retry_policy": { "retry_on": {{json}} }
            """).RetryPolicy!;

        Assert.Equal((retries, onFailure), (policy.RetryOn, policy.OnReset));
        Assert.Equal(json.Contains("unavailable", StringComparison.Ordinal), policy.GrpcStatuses.Contains(14));
        Assert.False(policy.GrpcStatuses.Contains(13));
    }

    [Fact]
    public void A_zero_timeout_means_MOSNs_global_timeout()
        => Assert.Equal(TimeSpan.FromSeconds(60), Action(""" "cluster_name": "backend", "timeout": "0s" """).Timeout);

    [Fact]
    public void A_path_is_rewritten_by_a_pattern()
    {
        RegexRewriteConfiguration rewrite = Action(""" "cluster_name": "backend", "regex_rewrite": { "pattern": { "google_re2": {}, "regex": "^/([^/]+)/(.*)$" }, "substitution": "/$2?of=$1" } """).RegexRewrite!;
        Assert.Equal("/x/y?of=shop", rewrite.Regex.Replace("/shop/x/y", rewrite.Substitution));
    }

    [Fact]
    public void What_a_weighted_cluster_matches_replaces_what_its_route_does()
    {
        static string Metadata(string values) => $$$""" "metadata_match": { "filter_metadata": { "mosn.lb": {{{values}}} } }""";
        RouteActionConfiguration action = Action($$"""
            {{Metadata("""{ "a": "1", "b": "1" }""")}},
            "weighted_clusters": [{ "cluster": { "name": "backend", "weight": 1, {{Metadata("""{ "b": "2", "c": "2" }""")}} } }, { "cluster": { "name": "backend", "weight": 1 } }]
            """);
        Assert.Equal(["b=2", "c=2"], Sorted(action.WeightedClusters[0]));
        Assert.Empty(Sorted(action.WeightedClusters[1]));

        static IEnumerable<string> Sorted(WeightedClusterConfiguration cluster) => cluster.MetadataMatch.Select(pair => pair.Key + "=" + pair.Value).Order();
    }

    [Fact]
    public void Weights_are_summed_up()
    {
        RouteActionConfiguration action = Action(""" "weighted_clusters": [{ "cluster": { "name": "backend", "weight": 3 } }, { "cluster": { "name": "backend", "weight": 4294967295 } }] """);
        Assert.Equal([("backend", 3), ("backend", 4294967295)], action.WeightedClusters.Select(cluster => (cluster.Name, cluster.Weight)));
        Assert.Equal(4294967298, action.TotalWeight);
        Assert.Null(action.ClusterName);
    }

    [Fact]
    public void A_cluster_may_be_named_by_a_header() => Assert.Equal("x-cluster", Action(""" "cluster_header": "x-cluster" """).ClusterHeader);

    [Fact]
    public void Weighted_clusters_come_before_a_name_and_a_name_before_a_header()
    {
        RouteActionConfiguration action = Action(""" "cluster_header": "x", "cluster_name": "backend", "weighted_clusters": [{ "cluster": { "name": "backend", "weight": 1 } }] """);
        Assert.True(action.ClusterName is null && action.ClusterHeader is null);
        action = Action(""" "cluster_header": "x", "cluster_name": "backend" """);
        Assert.True(action.ClusterName == "backend" && action.ClusterHeader is null);
    }

    [Theory]
    [InlineData("\"cluster_name\": \"nobody\"", "cluster_name: no cluster is named \"nobody\"")]
    [InlineData("\"weighted_clusters\": [{ \"cluster\": { \"name\": \"nobody\", \"weight\": 1 } }]", "weighted_clusters[0].cluster.name: no cluster is named \"nobody\"")]
    [InlineData("\"weighted_clusters\": [{ \"cluster\": { \"name\": \"backend\" } }]", "weighted_clusters: the weights add up to 0: no cluster can be chosen")]
    [InlineData("\"weighted_clusters\": [{ \"cluster\": { \"name\": \"backend\", \"weight\": 1 } }, {}]", "weighted_clusters[1].cluster: is missing and required")]
    [InlineData("", "cluster_name: is missing: one of cluster_name, weighted_clusters and cluster_header says where requests go")]
    [InlineData("\"cluster_variable\": \"v\"", "cluster_variable: is not supported yet, wanted cluster_name, weighted_clusters or cluster_header")]
    [InlineData("\"cluster_header\": \"a b\"", "cluster_header: found the string \"a b\", wanted a header's name (RFC 9110 §5.1)")]
    [InlineData("\"cluster_name\": \"backend\", \"timeout\": \"-1s\"", "timeout: found the string \"-1s\", wanted a duration of zero or more")]
    [InlineData("\"cluster_name\": \"backend\", \"timeout\": 60", "timeout: found the number 60, wanted a duration such as \"1s\", \"500ms\" or \"1h30m\"")]
    [InlineData("\"cluster_name\": \"backend\", \"host_rewrite\": \"a\\nb\"", "host_rewrite: found the string \"a\\nb\", wanted a host, with a port or without")]
    [InlineData("\"cluster_name\": \"backend\", \"host_rewrite\": \"a/b\"", "host_rewrite: found the string \"a/b\", wanted a host, with a port or without")]
    [InlineData("\"cluster_name\": \"backend\", \"prefix_rewrite\": \"v1\"", "prefix_rewrite: found the string \"v1\", wanted a path that begins with /, percent-encoded (RFC 3986 §3.3)")]
    [InlineData("\"cluster_name\": \"backend\", \"prefix_rewrite\": \"/a#\"", "prefix_rewrite: found the string \"/a#\", wanted a path that begins with /, percent-encoded (RFC 3986 §3.3)")]
    [InlineData("\"cluster_name\": \"backend\", \"upstream_protocol\": \"X\"", "upstream_protocol: \"X\" is not supported yet, wanted Http1, Http2, Auto, or the name of a codec")]
    [InlineData("\"cluster_name\": \"backend\", \"retry_policy\": { \"status_codes\": [\"500\"] }", "retry_policy.status_codes[0]: found the string \"500\", wanted a whole number from 100 to 599")]
    [InlineData("\"cluster_name\": \"backend\", \"retry_policy\": { \"retry_on\": \"unavailable,often\" }", "retry_policy.retry_on: found the string \"unavailable,often\", wanted true, false, or some of 5xx, gateway-error, reset, connect-failure, retriable-4xx, reset-before-request, refused-stream, retriable-status-codes, retriable-headers, envoy-ratelimited, http3-post-connect-failure, cancelled, deadline-exceeded, internal, resource-exhausted, unavailable with commas between them")]
    [InlineData("\"cluster_name\": \"backend\", \"retry_policy\": { \"retry_on\": 1 }", "retry_policy.retry_on: found the number 1, wanted true or false")]
    [InlineData("\"cluster_name\": \"backend\", \"regex_rewrite\": { \"pattern\": { \"regex\": \"(?P<a>x)\" }, \"substitution\": \"$1\" }", "regex_rewrite.substitution: the pattern names groups: use their names here, not numbers")]
    public void A_wrong_route_is_an_error(string route, string error)
        => Assert.Equal("servers[0].routers[0].virtual_hosts[0].routers[0].route." + error, new Sample { Route = $"\"route\": {{ {route} }}" }.Error());

    [Fact]
    public void A_direct_response_is_read()
    {
        Assert.Equal(new DirectResponseConfiguration(404, "nothing"), new Sample { Route = """ "direct_response": { "status": 404, "body": "nothing" } """ }.OneRoute().DirectResponse);
        Assert.Equal(new DirectResponseConfiguration(200, ""), new Sample { Route = """ "direct_response": { "status": 200 } """ }.OneRoute().DirectResponse);
    }

    [Fact]
    public void A_redirect_is_read()
    {
        Assert.Equal(new RedirectConfiguration { ResponseCode = 308, PathRedirect = "/new", HostRedirect = "b.com:8080", SchemeRedirect = "https" },
            new Sample { Route = """ "redirect": { "response_code": 308, "path_redirect": "/new", "host_redirect": "b.com:8080", "scheme_redirect": "HTTPS" } """ }.OneRoute().Redirect);
        Assert.Equal(new RedirectConfiguration { HostRedirect = "b.com" }, new Sample { Route = """ "redirect": { "host_redirect": "b.com" } """ }.OneRoute().Redirect);
    }

    [Theory]
    [InlineData("\"direct_response\": {}", "direct_response.status: is missing and required")]
    [InlineData("\"direct_response\": { \"status\": 199 }", "direct_response.status: found the number 199, wanted a whole number from 200 to 599")]
    [InlineData("\"redirect\": { \"response_code\": 300, \"path_redirect\": \"/\" }", "redirect.response_code: found 300, wanted one of 301, 302, 303, 307, 308")]
    [InlineData("\"redirect\": { \"scheme_redirect\": \"h ttp\" }", "redirect.scheme_redirect: found the string \"h ttp\", wanted a scheme such as https")]
    [InlineData("\"redirect\": { \"path_redirect\": \"/a\\r\\nb\" }", "redirect.path_redirect: holds a blank or a control character, which a URI cannot (RFC 3986 §2)")]
    [InlineData("\"x\": 1", "route: is missing: a route needs one of route, redirect and direct_response")]
    public void A_wrong_answer_is_an_error(string route, string error)
        => Assert.Equal("servers[0].routers[0].virtual_hosts[0].routers[0]." + error, new Sample { Route = route }.Error());

    [Fact]
    public void A_direct_response_comes_before_a_redirect_and_a_redirect_before_a_cluster_as_in_MOSN()
    {
        RouteConfiguration route = new Sample { Route = """ "route": { "cluster_name": "backend" }, "redirect": { "path_redirect": "/" }, "direct_response": { "status": 200 } """ }.OneRoute();
        Assert.True(route.DirectResponse is not null && route.Redirect is null && route.Action is null);
        route = new Sample { Route = """ "route": { "cluster_name": "backend" }, "redirect": { "path_redirect": "/" } """ }.OneRoute();
        Assert.True(route.Redirect is not null && route.Action is null);
    }

    [Fact]
    public void The_empty_route_that_MOSN_dumps_beside_an_answer_goes_without_a_word()
        => Assert.Empty(new Sample { Route = """ "route": { "timeout": "0s" }, "direct_response": { "status": 200 } """ }.Load().Warnings);

    private static RouteActionConfiguration Action(string json) => new Sample { Route = $"\"route\": {{ {json} }}" }.OneRoute().Action!;
}
