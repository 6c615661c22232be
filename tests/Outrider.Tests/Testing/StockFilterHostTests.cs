using System.IO.Compression;
using System.Text;
using Outrider.Filters;
using Outrider.Filters.Testing;
using Outrider.StockFilters;

namespace Outrider.Tests.Testing;

/// <summary>Each stock filter once in the host of unit tests: what its users can do with it there. Each has a test of its name.</summary>
public sealed class StockFilterHostTests
{
    private static readonly StreamFilterRegistry s_registry = Registry();

    /// <summary>The names of all stock filters.</summary>
    public static TheoryData<string> Names => [.. s_registry.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_filter_has_its_test_here(string name)
        => Assert.Contains(typeof(StockFilterHostTests).GetMethods(), method => method.Name.StartsWith($"Filter_{name.Replace('.', '_')}_", StringComparison.Ordinal));

    [Fact]
    public async Task Filter_api_key_knows_its_clients()
    {
        await using var host = With("api_key", """{"credentials":[{"key":"k1","client":"one"}],"key_sources":[{"header":"x-key"}]}""");

        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/").With("x-key", "k1"))).Status);
        Assert.Equal(401, (await host.SendAsync(TestRequest.Get("/").With("x-key", "k2"))).Status);
        Assert.Equal(401, (await host.SendAsync(TestRequest.Get("/"))).Status);
    }

    [Fact]
    public async Task Filter_basic_auth_asks_for_a_name()
    {
        await using var host = With("basic_auth", """{"users":"alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=","realm":"shop"}""");

        var refused = await host.SendAsync(TestRequest.Get("/"));
        Assert.Equal((401, true), (refused.Status, refused.IsLocalReply));
        Assert.Contains("shop", refused.Response!.GetHeader("www-authenticate"), StringComparison.Ordinal);
        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/").With("authorization", "Basic " + Convert.ToBase64String("alice:secret"u8)))).Status);
    }

    [Fact]
    public async Task Filter_cors_names_the_origin_that_may_read()
    {
        await using var host = With("cors", """{"allow_origins":["https://a.test"]}""");

        Assert.Equal("https://a.test", (await host.SendAsync(TestRequest.Get("/").With("origin", "https://a.test"))).Response!.GetHeader("access-control-allow-origin"));
        Assert.Null((await host.SendAsync(TestRequest.Get("/").With("origin", "https://b.test"))).Response!.GetHeader("access-control-allow-origin"));
    }

    [Fact]
    public async Task Filter_dsl_adds_a_header_by_an_expression()
    {
        await using var host = With("dsl", """{"before_router_by_dsl":"ctx.add_request_header(\"first\", \"1\")"}""");

        Assert.Equal("1", (await host.SendAsync(TestRequest.Get("/"))).Upstream!.GetHeader("first"));
    }

    [Fact]
    public async Task Filter_echo_answers_itself()
    {
        await using var host = With("echo", """{"status":202,"body":"hello","header_list":{"x-a":"b"}}""");

        var exchange = await host.SendAsync(TestRequest.Get("/"));
        Assert.Equal((202, "hello", "b"), (exchange.Status, exchange.Body, exchange.Response!.GetHeader("x-a")));
        Assert.Null(exchange.Upstream);
    }

    [Fact]
    public async Task Filter_ext_authz_asks_a_service_of_the_test()
    {
        await using var host = With("ext_authz", """{"http_service":{"server_uri":{"uri":"http://auth.test","cluster":"auth","timeout":"5s"},"path_prefix":"/check","authorization_request":{"allowed_headers":{"patterns":[{"exact":"x-token"}]}}}}""")
            .OnCluster("auth", request => new TestResponse(request.GetHeader("x-token") == "t" ? 200 : 403));

        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/a").With("x-token", "t"))).Status);
        var refused = await host.SendAsync(TestRequest.Get("/a"));
        Assert.Equal((403, "/check/a"), (refused.Status, refused.Callouts[0].Path));
        Assert.Null(refused.Upstream);
    }

    [Fact]
    public async Task Filter_fault_tolerance_lets_requests_pass_where_no_host_is_known()
    {
        await using var host = With("fault_tolerance", """{"enabled":true,"timeWindow":50,"leastWindowCount":3}""").OnUpstream(_ => new TestResponse(502));

        Assert.Equal(502, (await host.SendAsync(TestRequest.Get("/"))).Status);
    }

    [Fact]
    public async Task Filter_istio_stats_counts_what_the_test_reads()
    {
        await using var host = With("istio.stats", """{"stat_prefix":"istio"}""");

        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/"))).Status);
        Assert.Contains(host.Metrics.Names, name => name.Contains("request_duration", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Filter_ratelimit_asks_a_service_of_the_test()
    {
        // A message of gRPC: a flag, four bytes of length, field 1 with 1 for within the limit and 2 for over it.
        await using var host = With("ratelimit", """{"domain":"d","timeout":"5s","rate_limit_service":{"grpc_service":{"envoy_grpc":{"cluster_name":"limits"}}},"rate_limits":[{"actions":[{"request_headers":{"header_name":"x-user","descriptor_key":"user"}}]}]}""")
            .OnCluster("limits", request => new TestResponse(200, "\0\0\0\0\u0002\b" + (request.Body.Contains("alice", StringComparison.Ordinal) ? "\u0002" : "\u0001")).With("grpc-status", "0"));

        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/").With("x-user", "bob"))).Status);
        var refused = await host.SendAsync(TestRequest.Get("/").With("x-user", "alice"));
        Assert.Equal((429, "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit"), (refused.Status, refused.Callouts[0].Path));
        Assert.Empty((await host.SendAsync(TestRequest.Get("/"))).Callouts);
    }

    [Fact]
    public async Task Filter_rbac_denies_what_a_policy_names()
    {
        await using var host = With("rbac", """{"rules":{"action":"DENY","policies":{"p":{"permissions":[{"header":{"name":"x-a","exact_match":"1"}}],"principals":[{"any":true}]}}}}""");

        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/"))).Status);
        Assert.Equal(403, (await host.SendAsync(TestRequest.Get("/").With("x-a", "1"))).Status);
    }

    [Fact]
    public async Task Filter_transcoder_rewrites_both_ways()
    {
        var registry = Registry();
        registry.Transcoders.Add("upper", _ => () => new UpperTranscoder());
        await using var host = new FilterHost().Add(registry, "transcoder", """{"type":"upper"}""").OnUpstream(request => new TestResponse(200, request.Body + " said"));

        var exchange = await host.SendAsync(TestRequest.Post("/", "abc"));
        Assert.Equal(("ABC", "ABC SAID"), (exchange.Upstream!.Body, exchange.Body));
    }

    [Fact]
    public async Task Filter_fault_delays_by_the_clock_and_then_aborts()
    {
        await using var host = With("fault", """{"delay":{"percentage":100,"fixed_delay":"10m"},"abort":{"percentage":100,"status":503}}""");

        var sending = host.SendAsync(TestRequest.Get("/"));
        await host.AdvanceAsync(TimeSpan.FromMinutes(9));
        Assert.False(sending.IsCompleted);
        await host.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(503, (await sending).Status);
    }

    [Fact]
    public async Task Filter_flowControlFilter_lets_as_many_pass_as_its_rule_says()
    {
        await using var host = With(
            "flowControlFilter",
            """{"global_switch":true,"action":{"status":500,"body":"blocked"},"rules":[{"resource":"/test","threshold":2,"statIntervalInMs":3600000}]}""");

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/test"))).Status);
        }

        Assert.Equal("blocked", (await host.SendAsync(TestRequest.Get("/test"))).Body);
    }

    [Fact]
    public async Task Filter_gzip_makes_a_body_shorter()
    {
        string text = new('x', 2000);
        await using var host = With("gzip", """{"content_length":20,"content_types":["text/*"]}""")
            .OnUpstream(_ => new TestResponse(200, text[..1000], text[1000..]).With("content-type", "text/plain"));

        var exchange = await host.SendAsync(TestRequest.Get("/").With("accept-encoding", "gzip"));

        Assert.Equal("gzip", exchange.Response!.GetHeader("content-encoding"));
        await using var decoded = new GZipStream(new MemoryStream(exchange.Response.BodyBytes), CompressionMode.Decompress);
        using var reader = new StreamReader(decoded);
        Assert.Equal(text, await reader.ReadToEndAsync());
        Assert.InRange(exchange.Response.BodyBytes.Length, 1, 1000);
    }

    [Fact]
    public async Task Filter_header_mutation_changes_both_heads_and_a_route_has_its_own()
    {
        await using var host = With("header_mutation", """{"response_mutations":[{"append":{"header":{"key":"x-b","value":"1"},"append_action":"OVERWRITE_IF_EXISTS_OR_ADD"}}]}""")
            .AddRoute(new TestRoute("/own")
            {
                Filters = new Dictionary<string, string> { ["header_mutation"] = """{"request_mutations":[{"append":{"header":{"key":"x-a","value":"2"}}}]}""" },
            })
            .AddRoute(new TestRoute("/"));

        Assert.Equal("1", (await host.SendAsync(TestRequest.Get("/"))).Response!.GetHeader("x-b"));
        Assert.Equal("2", (await host.SendAsync(TestRequest.Get("/own"))).Upstream!.GetHeader("x-a"));
        Assert.Null((await host.SendAsync(TestRequest.Get("/"))).Upstream!.GetHeader("x-a"));
    }

    [Fact]
    public async Task Filter_header_to_metadata_keeps_a_value_and_takes_the_header_away()
    {
        await using var host = With("header_to_metadata", """{"request_rules":[{"header":"x-zone","on_header_present":{"key":"zone"},"remove":true}]}""");

        var exchange = await host.SendAsync(TestRequest.Get("/").With("x-zone", "z1"));

        Assert.All(exchange.Metadata.Values, space => Assert.Equal("z1", space["zone"].GetString()));
        Assert.Null(exchange.Upstream!.GetHeader("x-zone"));
    }

    [Fact]
    public async Task Filter_ip_access_refuses_an_address()
    {
        await using var host = With("ip_access", """{"default_action":"allow","ips":[{"action":"deny","addrs":["10.0.0.0/8"]}]}""");

        Assert.Equal(200, (await host.SendAsync(new TestRequest("GET", "/") { RemoteAddress = "192.0.2.1:1" })).Status);
        Assert.Equal(403, (await host.SendAsync(new TestRequest("GET", "/") { RemoteAddress = "10.1.2.3:1" })).Status);
    }

    [Fact]
    public async Task Filter_jwt_authn_refuses_a_request_without_a_token()
    {
        await using var host = With(
            "jwt_authn",
            """{"providers":{"p":{"issuer":"me","remoteJwks":{"httpUri":{"uri":"https://issuer.test/keys","cluster":"issuer"}}}},"rules":[{"match":{"prefix":"/"},"requires":{"providerName":"p"}}]}""");

        var exchange = await host.SendAsync(TestRequest.Get("/"));
        Assert.Equal((401, "Jwt is missing"), (exchange.Status, exchange.Body));
    }

    [Fact]
    public async Task Filter_local_rate_limit_fills_its_bucket_by_the_clock()
    {
        await using var host = With("local_rate_limit", """{"token_bucket":{"max_tokens":1,"fill_interval":"1h"}}""");

        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/"))).Status);
        var refused = await host.SendAsync(TestRequest.Get("/"));
        Assert.Equal((429, "3600"), (refused.Status, refused.Response!.GetHeader("retry-after")));
        await host.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/"))).Status);
    }

    [Fact]
    public async Task Filter_metadata_labels_a_request()
    {
        await using var host = With("metadata", """{"metadataers":[{"meta_data_key":"UNIT","metadata_key":"idc","config":{"unit_key":"uid"}}]}""");

        var exchange = await host.SendAsync(TestRequest.Get("/").With("uid", "150"));

        Assert.Equal("s2", exchange.Upstream!.GetHeader("x-mosn-on-envoy-unit"));
        Assert.Contains(exchange.Metadata.Values, space => space.TryGetValue("idc", out var label) && label.GetString() == "s2");
    }

    [Fact]
    public async Task Filter_mirror_copies_a_request_and_waits_for_nothing()
    {
        await using var host = With("mirror", "{}")
            .AddRoute(new TestRoute("/") { MirrorCluster = "copies" })
            .OnCluster("copies", (_, cancellation) => Task.Delay(Timeout.Infinite, cancellation).ContinueWith(_ => new TestResponse(200), TaskScheduler.Default));

        Assert.Equal(200, (await host.SendAsync(TestRequest.Post("/a", "body"))).Status);

        var copy = Assert.Single(host.Cluster("copies").Requests);
        Assert.Equal(("/a", "body"), (copy.Path, copy.Body));
    }

    [Fact]
    public async Task Filter_payload_limit_refuses_a_long_body()
    {
        await using var host = With("payload_limit", """{"max_entity_size ":3,"http_status":400}""");

        Assert.Equal(200, (await host.SendAsync(TestRequest.Post("/", "123"))).Status);
        Assert.Equal(400, (await host.SendAsync(TestRequest.Post("/", "1234"))).Status);
        Assert.Equal(400, (await host.SendAsync(new TestRequest("POST", "/") { IsChunked = true }.WithBody("12", "34"))).Status);
    }

    private static FilterHost With(string name, string config) => new FilterHost().Add(s_registry, name, config);

    private static StreamFilterRegistry Registry()
    {
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);
        return registry;
    }

    private sealed class UpperTranscoder : ITranscoder
    {
        public ValueTask TranscodeRequestAsync(StreamContext stream, RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
        {
            body.Replace(body.ToString().ToUpperInvariant());
            return ValueTask.CompletedTask;
        }

        public ValueTask TranscodeResponseAsync(StreamContext stream, ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers)
        {
            body.Replace(body.ToString().ToUpperInvariant());
            return ValueTask.CompletedTask;
        }
    }
}
