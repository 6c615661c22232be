using System.Globalization;
using Outrider.Tests.Configuration;
using Outrider.Tests.Envoy;
using Outrider.Tests.Grpc;
using Outrider.Tests.Harness;
using Outrider.Tests.Plugins;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>ratelimit</c>, asking a rate limit service of gRPC's own server. Envoy's own filter says what is right.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class RateLimitTests(EnvoyModules modules)
{
    private const string Service = """
        "domain":"shop","rate_limit_service":{"grpc_service":{"envoy_grpc":{"cluster_name":"limits"}},"transport_api_version":"V3"}
        """;

    // What decides what rls.py answers, and what it counts.
    private const string Do = """{"actions":[{"request_headers":{"header_name":"x-do","descriptor_key":"do"}}]}""";

    private const string Counted = """{"actions":[{"request_headers":{"header_name":"x-user","descriptor_key":"user"}},{"generic_key":{"descriptor_key":"limit","descriptor_value":"2"}}]}""";

    private const string Every = Do + """
        ,{"actions":[{"source_cluster":{}},{"destination_cluster":{}},{"remote_address":{}},{"masked_remote_address":{"v4_prefix_mask_len":9}},{"masked_remote_address":{}},{"generic_key":{"descriptor_value":"plain"}},{"generic_key":{"descriptor_key":"kind","descriptor_value":"own"}}]},
        {"actions":[{"request_headers":{"header_name":":path","descriptor_key":"path"}},{"request_headers":{"header_name":":method","descriptor_key":"method"}},{"request_headers":{"header_name":"x-none","descriptor_key":"none","skip_if_absent":true}},{"request_headers":{"header_name":"X-Two","descriptor_key":"two"}}]},
        {"actions":[{"request_headers":{"header_name":"x-none","descriptor_key":"none"}},{"remote_address":{}}]},
        {"actions":[{"query_parameters":{"query_parameter_name":"q","descriptor_key":"q"}},{"query_parameters":{"query_parameter_name":"none","descriptor_key":"none","skip_if_absent":true}}]},
        {"actions":[{"query_parameters":{"query_parameter_name":"none","descriptor_key":"none"}}]},
        {"actions":[{"header_value_match":{"descriptor_value":"fits","headers":[{"name":"x-two","string_match":{"prefix":"a"}},{"name":":method","string_match":{"exact":"GET"}}]}}]},
        {"actions":[{"header_value_match":{"descriptor_value":"fits not","descriptor_key":"other","expect_match":false,"headers":[{"name":"x-two","string_match":{"exact":"z"}}]}}]},
        {"actions":[{"header_value_match":{"descriptor_value":"never","headers":[{"name":"x-none","present_match":true}]}}]},
        {"actions":[{"query_parameter_value_match":{"descriptor_value":"fits","query_parameters":[{"name":"q","string_match":{"exact":"a b"}},{"name":"r"},{"name":"s","present_match":false}]}}]},
        {"actions":[{"query_parameter_value_match":{"descriptor_value":"never","expect_match":false,"query_parameters":[{"name":"q","string_match":{"contains":"a"}}]}}]},
        {"actions":[{"metadata":{"descriptor_key":"m","metadata_key":{"key":"mosn.lb","path":[{"key":"zone"}]},"default_value":"nowhere"}}]},
        {"actions":[{"metadata":{"descriptor_key":"m","metadata_key":{"key":"mosn.lb","path":[{"key":"none"}]}}}]},
        {"actions":[{"metadata":{"descriptor_key":"m","metadata_key":{"key":"mosn.lb","path":[{"key":"none"}]},"skip_if_absent":true}},{"generic_key":{"descriptor_value":"after"}}]},
        {"stage":1,"actions":[{"generic_key":{"descriptor_value":"of another stage"}}]},
        {"actions":[{"generic_key":{"descriptor_value":"dear"}}],"hits_addend":{"number":7}}
        """;

    private const string EveryTold = "source_cluster=test,destination_cluster=up,remote_address=127.0.0.1,masked_remote_address=127.0.0.0/9,masked_remote_address=127.0.0.1/32,generic_key=plain,kind=own;"
        + "path=/?q=a%20b&r,method=GET,two=a;q=a b;header_match=fits;other=fits not;query_match=fits;m=nowhere;generic_key=after;generic_key=dear*7";

    private static string Config(string limits, string more = "") => $$"""{{{Service}},"timeout":"20s","rate_limits":[{{limits}}]{{more}}}""";

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task The_service_is_asked_about_the_descriptors_that_actions_make()
    {
        using var limits = await PeerAsync();
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, limits.Address, Config(Every, ""","service_cluster":"test" """));
        await TellsAsync(proxy.SendAsync);
    }

    [EnvoyFact]
    public async Task Envoys_own_filter_makes_the_same_descriptors_and_follows_the_same_answers()
    {
        using var limits = await PeerAsync();
        using var upstream = Mirror();
        // There are no stages among the filter's own rules in Envoy.
        using (var envoy = await EnvoyAsync(upstream, limits, Config(Every.Replace("""{"stage":1,"actions":[{"generic_key":{"descriptor_value":"of another stage"}}]},""", "", StringComparison.Ordinal))))
        {
            await TellsAsync(request => ExchangeAsync(envoy, request));
        }

        using (var envoy = await EnvoyAsync(upstream, limits, Config(Do + "," + Counted, Following)))
        {
            await FollowsAsync(request => ExchangeAsync(envoy, request));
        }
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task Its_answer_is_followed()
    {
        using var limits = await PeerAsync();
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, limits.Address, Config(Do + "," + Counted, Following));
        await FollowsAsync(proxy.SendAsync);

        // A request that no descriptor is of is not asked about.
        limits.Dispose();
        Assert.Equal(200, StatusOf(await proxy.SendAsync(GetWith(""))));
        Assert.DoesNotContain("x-ratelimit", await proxy.SendAsync(GetWith("")), StringComparison.OrdinalIgnoreCase);
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_service_that_does_not_answer_lets_pass_or_refuses_as_the_configuration_says()
    {
        using var limits = await PeerAsync();
        using var upstream = Mirror();
        string quick = Config(Do).Replace("20s", "0.2s", StringComparison.Ordinal);
        await using var open = await StartAsync(upstream.Address, limits.Address, quick);
        await using var closed = await StartAsync(upstream.Address, limits.Address, quick[..^1] + ""","failureModeDeny":true,"statusOnError":{"code":"ServiceUnavailable"}}""");
        await using var plain = await StartAsync(upstream.Address, limits.Address, quick[..^1] + ""","failure_mode_deny_percent":{"default_value":{"numerator":1000000,"denominator":"MILLION"}}}""");
        foreach (string how in new[] { "slow", "error", "malformed", "name" })
        {
            Assert.Equal((how, 200), (how, StatusOf(await open.SendAsync(GetWith($"x-do: {how}\r\n")))));
            Assert.Equal((how, 503), (how, StatusOf(await closed.SendAsync(GetWith($"x-do: {how}\r\n")))));
        }

        // No code at all is within the limit, as in Envoy; of an answer that is in time.
        await using (var patient = await StartAsync(upstream.Address, limits.Address, Config(Do)[..^1] + ""","failureModeDeny":true,"statusOnError":{"code":"ServiceUnavailable"}}"""))
        {
            Assert.Equal(200, StatusOf(await patient.SendAsync(GetWith("x-do: nothing\r\n"))));
        }

        Assert.Contains("""outrider_filter_ratelimit_checks_total{answer="failure_mode_allowed"} 4""", await MetricsAsync(open), StringComparison.Ordinal);
        Assert.Contains("""outrider_filter_ratelimit_checks_total{answer="error"} 4""", await MetricsAsync(closed), StringComparison.Ordinal);

        limits.Dispose();
        Assert.Equal(200, StatusOf(await open.SendAsync(GetWith("x-do: bare\r\n"))));
        Assert.Equal(503, StatusOf(await closed.SendAsync(GetWith("x-do: bare\r\n"))));
        Assert.Equal(500, StatusOf(await plain.SendAsync(GetWith("x-do: bare\r\n"))));
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task Refusals_have_Envoys_flags_in_the_access_log()
    {
        using var folder = new TemporaryDirectory();
        string log = Path.Combine(folder.Path, "access.log");
        using var limits = await PeerAsync();
        using var upstream = Mirror();
        string config = Config(Do, ""","failure_mode_deny":true""");
        await using (var proxy = await StockProxy.StartAsync(
            upstream.Address, $$"""{"type":"ratelimit","config":{{config}} }""", cluster: Cluster(limits.Address), accessLog: log, format: "%response_code% %response_flags% %response_code_details%"))
        {
            foreach (string how in new[] { "over", "error", "add" })
            {
                _ = await proxy.SendAsync(GetWith($"x-do: {how}\r\n"));
            }
        }

        Assert.Equal(["429 RL request_rate_limited", "500 RLSE rate_limiter_error", "200 - -"], await File.ReadAllLinesAsync(log));
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_call_of_gRPC_over_the_limit_gets_a_status_of_gRPC()
    {
        using var limits = await PeerAsync();
        using var upstream = Mirror();
        await using var unavailable = await StartAsync(upstream.Address, limits.Address, Config(Do));
        await using var exhausted = await StartAsync(upstream.Address, limits.Address, Config(Do, ""","rate_limited_as_resource_exhausted":true"""));
        string call = Post("").Replace("\r\n\r\n", "\r\ncontent-type: application/grpc+proto\r\nte: trailers\r\nx-do: over\r\n\r\n", StringComparison.Ordinal);
        foreach (var (proxy, status) in new[] { (unavailable, 14), (exhausted, 8) })
        {
            string answer = await proxy.SendAsync(call);
            Assert.Equal(200, StatusOf(answer));
            Assert.Contains($"grpc-status: {status}\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("content-type: application/grpc\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("x-why: spent\r\n", answer, StringComparison.Ordinal);
        }

        Assert.Equal(429, StatusOf(await exhausted.SendAsync(GetWith("x-do: over\r\n"))));
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_route_has_descriptors_and_a_domain_of_its_own()
    {
        using var limits = await PeerAsync();
        using var upstream = Mirror();
        const string Own = "\"rate_limits\":[" + """{"actions":[{"generic_key":{"descriptor_value":"of the route"}}]},""" + Do + "]";
        async Task<string?> ToldAsync(string route, string path)
        {
            await using var proxy = await StartAsync(upstream.Address, limits.Address, Config(Do), $$"""{"ratelimit":{{route}}}""");
            return Told(await proxy.SendAsync(GetWith("x-do: tell\r\n", path)));
        }

        Assert.Equal("shop|0|generic_key=of the route;do=tell", await ToldAsync($$"""{{{Own}}}""", "/own"));
        Assert.Equal("shop|0|do=tell", await ToldAsync($$"""{{{Own}}}""", "/"));
        Assert.Equal("mine|0|generic_key=of the route;do=tell;do=tell", await ToldAsync($$"""{{{Own}},"domain":"mine","vh_rate_limits":"INCLUDE"}""", "/own"));
        Assert.Equal("shop|0|generic_key=of the route;do=tell;do=tell", await ToldAsync($$"""{{{Own}},"override_option":"INCLUDE_POLICY","vhRateLimits":"IGNORE"}""", "/own"));
        Assert.Equal("mine|0|do=tell", await ToldAsync("""{"domain":"mine"}""", "/own"));
        Assert.Null(await ToldAsync("""{"vh_rate_limits":"IGNORE"}""", "/own"));
        Assert.Null(await ToldAsync("""{"override_option":"IGNORE_POLICY"}""", "/own"));
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task Metadata_of_the_stream_makes_entries_and_says_how_much_a_request_counts()
    {
        using var limits = await PeerAsync();
        using var upstream = Mirror();
        string config = Config(Do + """,{"actions":[{"metadata":{"descriptor_key":"m","metadata_key":{"key":"mosn.lb","path":[{"key":"zone"}]}}}]}""", ""","service_cluster":"edge","stage":0""");
        await using var proxy = await StartAsync(
            upstream.Address, limits.Address, config,
            before: """{"type":"header_to_metadata","config":{"request_rules":[{"header":"x-zone","on_header_present":{"key":"zone"}},{"header":"x-cost","on_header_present":{"key":"hits_addend","metadata_namespace":"envoy.ratelimit"}}]}},""");
        Assert.Equal("shop|12|do=tell;m=east", Told(await proxy.SendAsync(GetWith("x-do: tell\r\nx-zone: east\r\nx-cost: 12\r\n"))));
        Assert.Equal("shop|0|do=tell", Told(await proxy.SendAsync(GetWith("x-do: tell\r\nx-cost: -1\r\n"))));
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task Stage_kind_and_share_of_requests_say_which_are_asked_about()
    {
        using var limits = await PeerAsync();
        using var upstream = Mirror();
        string staged = Config(Do.Replace("""{"actions""", """{"stage":2,"actions""", StringComparison.Ordinal), ""","stage":2""");
        foreach (var (config, status) in new[]
        {
            (staged, 429),
            (staged.Replace("""],"stage":2""", """],"stage":1""", StringComparison.Ordinal), 200),
            (Config(Do, ""","request_type":"internal" """), 429),
            (Config(Do, ""","request_type":"external" """), 200),
            (Config(Do, ""","request_type":"both" """), 429),
            (Config(Do, ""","filter_enabled":{"default_value":{"numerator":0}}"""), 200),
            (Config(Do, ""","filter_enabled":{"default_value":{"numerator":100},"runtime_key":"k"}"""), 429),
            (Config(Do, ""","rate_limited_status":{"code":"ServiceUnavailable"}"""), 503),
            (Config(Do, ""","rate_limited_status":{"code":200}"""), 429),
        })
        {
            await using var proxy = await StartAsync(upstream.Address, limits.Address, config);
            Assert.Equal((config, status), (config, StatusOf(await proxy.SendAsync(GetWith("x-do: bare\r\n")))));
        }

        await using var tried = await StartAsync(upstream.Address, limits.Address, Config(Do, ""","filter_enforced":{"default_value":{"numerator":0}}"""));
        string passed = await tried.SendAsync(GetWith("x-do: bare\r\n"));
        Assert.Equal(200, StatusOf(passed));
        Assert.Contains("x-envoy-ratelimited: true\r\n", HeadOf(passed), StringComparison.Ordinal);
        await using var silent = await StartAsync(upstream.Address, limits.Address, Config(Do, ""","disable_x_envoy_ratelimited_header":true"""));
        Assert.DoesNotContain("x-envoy-ratelimited", await silent.SendAsync(GetWith("x-do: bare\r\n")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "$.domain")]
    [InlineData("""{"domain":"d"}""", "$.rateLimitService")]
    [InlineData("""{"domain":"d","rate_limit_service":{"grpc_service":{}}}""", "$.rate_limit_service.grpc_service.envoyGrpc")]
    [InlineData("""{"domain":"d","rate_limit_service":{"grpc_service":{"envoy_grpc":{"cluster_name":"a"}},"transport_api_version":"V2"}}""", "$.rate_limit_service.transport_api_version")]
    [InlineData("""{S,"stage":11}""", "$.stage")]
    [InlineData("""{S,"request_type":"all"}""", "$.request_type")]
    [InlineData("""{S,"enable_x_ratelimit_headers":"DRAFT"}""", "$.enable_x_ratelimit_headers")]
    [InlineData("""{S,"rate_limited_status":{"code":700}}""", "$.rate_limited_status.code")]
    [InlineData("""{S,"response_headers_to_add":[{"header":{"key":"content-length","value":"1"}}]}""", "$.response_headers_to_add[0].header.key")]
    [InlineData("""{S,"filter_enabled":{"default_value":{"numerator":1,"denominator":"TEN"}}}""", "$.filter_enabled.default_value.denominator")]
    [InlineData("""{S,"rate_limits":[{"actions":[]}]}""", "$.rate_limits[0].actions")]
    [InlineData("""{S,"rate_limits":[{"stage":11,"actions":[{"remote_address":{}}]}]}""", "$.rate_limits[0].stage")]
    [InlineData("""{S,"rate_limits":[{"actions":[{}]}]}""", "$.rate_limits[0].actions[0]")]
    [InlineData("""{S,"rate_limits":[{"actions":[{"remote_address":{},"source_cluster":{}}]}]}""", "$.rate_limits[0].actions[0]")]
    [InlineData("""{S,"rate_limits":[{"actions":[{"remote_address":{"x":1}}]}]}""", "$.rate_limits[0].actions[0].remote_address")]
    [InlineData("""{S,"rate_limits":[{"actions":[{"request_headers":{"header_name":"a b","descriptor_key":"k"}}]}]}""", "$.rate_limits[0].actions[0].request_headers.header_name")]
    [InlineData("""{S,"rate_limits":[{"actions":[{"request_headers":{"header_name":"a"}}]}]}""", "$.rate_limits[0].actions[0].request_headers.descriptorKey")]
    [InlineData("""{S,"rate_limits":[{"actions":[{"generic_key":{}}]}]}""", "$.rate_limits[0].actions[0].generic_key.descriptorValue")]
    [InlineData("""{S,"rate_limits":[{"actions":[{"masked_remote_address":{"v4_prefix_mask_len":33}}]}]}""", "$.rate_limits[0].actions[0].masked_remote_address.v4_prefix_mask_len")]
    [InlineData("""{S,"rate_limits":[{"actions":[{"header_value_match":{"descriptor_value":"v","headers":[]}}]}]}""", "$.rate_limits[0].actions[0].header_value_match.headers")]
    [InlineData("""{S,"rate_limits":[{"actions":[{"metadata":{"descriptor_key":"k","metadata_key":{"key":"n","path":[{"key":"a"},{"key":"b"}]}}}]}]}""", "$.rate_limits[0].actions[0].metadata.metadata_key.path")]
    [InlineData("""{S,"rate_limits":[{"actions":[{"extension":{}}]}]}""", "$.rate_limits[0].actions[0].extension")]
    [InlineData("""{S,"rate_limits":[{"actions":[{"remote_address":{}}],"hits_addend":{"number":1000000001}}]}""", "$.rate_limits[0].hits_addend.number")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path)
        => Assert.Equal(path, Refusal("ratelimit", config.Replace("{S", "{" + Service, StringComparison.Ordinal)).Path);

    private const string Following = ""","enable_x_ratelimit_headers":"DRAFT_VERSION_03","response_headers_to_add":[{"header":{"key":"x-refused","value":"yes"}},{"header":{"key":"x-why","value":"limit"},"append_action":"OVERWRITE_IF_EXISTS_OR_ADD"}]""";

    private static Task<GrpcPeer> PeerAsync() => GrpcPeer.StartAsync(Path.Combine(AppContext.BaseDirectory, "StockFilters", "rls.py"));

    private static Task<TestProxy> StartAsync(string upstream, string limits, string config, string perFilterConfig = "{}", string before = "")
        => StockProxy.StartAsync(
            upstream, $$"""{{before}}{"type":"ratelimit","config":{{config}} }""", perFilterConfig: perFilterConfig, cluster: Cluster(limits));

    private static string Cluster(string limits) => $$"""{"name":"limits","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{limits}}"}]}""";

    private Task<EnvoyProcess> EnvoyAsync(RawUpstream upstream, GrpcPeer limits, string config)
    {
        string filter = """{ name: envoy.filters.http.ratelimit, typed_config: {"@type":"type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit",""" + config[1..].ReplaceLineEndings(" ") + " }";
        string cluster = EnvoyYaml.Cluster("limits", int.Parse(limits.Address.Split(':')[1], CultureInfo.InvariantCulture)).Replace("http_protocol_options: { enable_trailers: true }", "http2_protocol_options: {}", StringComparison.Ordinal);
        return EnvoyProcess.StartAsync(modules, upstream.Port, [filter], clusters: "  - " + cluster + "\n");
    }

    private static Task<string> ExchangeAsync(EnvoyProcess envoy, string request)
        => RawClient.ExchangeAsync(envoy.Port, request.Replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n", StringComparison.Ordinal));

    private static async Task<string> MetricsAsync(TestProxy proxy)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri($"http://{proxy.AdminEndPoint}/metrics"));
    }

    private static string? Told(string answer)
        => HeadOf(answer).Split("\r\n").FirstOrDefault(line => line.StartsWith("x-told: ", StringComparison.Ordinal))?["x-told: ".Length..];

    private static async Task TellsAsync(Func<string, Task<string>> sendAsync)
        => Assert.Equal("shop|0|do=tell;" + EveryTold, Told(await sendAsync(GetWith("x-do: tell\r\nx-two: a\r\nx-two: b\r\n", "/?q=a%20b&r"))));

    private static async Task FollowsAsync(Func<string, Task<string>> sendAsync)
    {
        string added = await sendAsync(GetWith("x-do: add\r\nx-plan: mine\r\n"));
        Assert.Equal(200, StatusOf(added));
        Assert.Contains("x-limit: a\r\n", HeadOf(added), StringComparison.Ordinal);
        Assert.Contains("x-limit: b\r\n", HeadOf(added), StringComparison.Ordinal);
        Assert.Contains("x-plan: mine", BodyOf(added), StringComparison.Ordinal);
        Assert.Contains("gold\r\n", BodyOf(added), StringComparison.Ordinal);
        Assert.DoesNotContain("x-refused", added, StringComparison.Ordinal);

        string over = await sendAsync(GetWith("x-do: over\r\n"));
        Assert.Equal(429, StatusOf(over));
        Assert.Equal("""{"error":"spent"}""", BodyOf(over));
        foreach (string field in new[] { "content-type: application/json\r\n", "x-envoy-ratelimited: true\r\n", "x-refused: yes\r\n", "x-why: limit\r\n" })
        {
            Assert.Contains(field, HeadOf(over), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("text/plain", over, StringComparison.Ordinal);
        Assert.DoesNotContain("spent\r\n", HeadOf(over), StringComparison.Ordinal);
        Assert.Equal("", BodyOf(await sendAsync(GetWith("x-do: bare\r\n"))));

        for (int left = 1; left >= 0; left--)
        {
            Assert.Equal((200, "2, 2;w=60;name=\"per-user\"", $"{left}", "42"), Quota(await sendAsync(GetWith("x-user: alice\r\n"))));
        }

        Assert.Equal((429, "2, 2;w=60;name=\"per-user\"", "0", "42"), Quota(await sendAsync(GetWith("x-user: alice\r\n"))));
        Assert.Equal((200, "2, 2;w=60;name=\"per-user\"", "1", "42"), Quota(await sendAsync(GetWith($"x-user: {Guid.NewGuid()}\r\n"))));
    }

    private static (int Status, string? Limit, string? Remaining, string? Reset) Quota(string answer)
    {
        string? Field(string name) => HeadOf(answer).Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];
        return (StatusOf(answer), Field("x-ratelimit-limit"), Field("x-ratelimit-remaining"), Field("x-ratelimit-reset"));
    }
}
