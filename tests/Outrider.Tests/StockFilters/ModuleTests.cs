using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Outrider.Filters;
using Outrider.StockFilters;
using Outrider.Tests.Envoy;
using Outrider.Tests.Grpc;
using Outrider.Tests.Harness;
using Outrider.Tests.Nginx;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The stock filters as one native module, in a stock Envoy and a stock nginx: each is configured, and what most people use is asked.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class ModuleTests(EnvoyModules modules, NginxModule nginxModule)
{
    private const string Project = "src/Outrider.StockFilters.Envoy";

    // A configuration of each; those that need hosts are refused.
    private static readonly Dictionary<string, string> s_configurations = new(StringComparer.Ordinal)
    {
        ["api_key"] = """{"credentials":[{"key":"k","client":"shop"}],"key_sources":[{"header":"x-api-key"}]}""",
        ["basic_auth"] = """{"users":"me:{SHA}tESsBmE/yNY3lb6a0L6vVQEZNqw="}""",
        ["cors"] = """{"allow_origins":["https://a.example"]}""",
        ["dsl"] = """{"before_router_by_dsl":"ctx.add_request_header(\"x-dsl\", \"1\")"}""",
        ["echo"] = """{"status":203,"body":"echoed"}""",
        ["ext_authz"] = """{"http_service":{"server_uri":{"uri":"http://auth","cluster":"auth","timeout":"20s"},"authorization_response":{"allowed_upstream_headers":{"patterns":[{"prefix":"x-"}]}}}}""",
        ["fault"] = """{"abort":{"percentage":100,"status":418}}""",
        ["flowControlFilter"] = """{"global_switch":true,"rules":[{"resource":"/","threshold":1000}]}""",
        ["gzip"] = """{"content_types":["text/plain"],"content_length":0}""",
        ["header_mutation"] = """{"mutations":{"request_mutations":[{"append":{"header":{"key":"x-more","value":"1"}}}],"response_mutations":[{"append":{"header":{"key":"x-seen","value":"yes"}}}]}}""",
        ["header_to_metadata"] = """{"request_rules":[{"header":"x-a","on_header_present":{"key":"k"}}]}""",
        ["ip_access"] = """{"default_action":"deny","ips":[{"action":"allow","addrs":["127.0.0.0/8"]}]}""",
        ["istio.stats"] = "{}",
        ["jwt_authn"] = """{"providers":{"p":{"issuer":"me","localJwks":{"inlineString":"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"alg\":\"HS256\",\"k\":\"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA\"}]}"}}},"rules":[{"match":{"prefix":"/"},"requires":{"providerName":"p"}}]}""",
        ["local_rate_limit"] = """{"token_bucket":{"max_tokens":2,"tokens_per_fill":1,"fill_interval":"3600s"}}""",
        ["metadata"] = """{"metadataers":[{"meta_data_key":"UNIT","config":{"unit_key":"uid"}}]}""",
        ["payload_limit"] = """{"max_entity_size":10}""",
        ["ratelimit"] = """{"domain":"shop","rate_limit_service":{"grpc_service":{"envoy_grpc":{"cluster_name":"nobody"}}},"rate_limits":[{"actions":[{"request_headers":{"header_name":"x-asked","descriptor_key":"k"}}]}]}""",
        ["rbac"] = """{"rules":{"action":"DENY","policies":{"p":{"permissions":[{"url_path":{"path":{"prefix":"/secret"}}}],"principals":[{"any":true}]}}}}""",
    };

    private static readonly string[] s_needHosts = ["fault_tolerance", "mirror"];

    // They want something of the project that they are published with.
    private static readonly string[] s_needParts = ["transcoder"];

    [Fact]
    public void Every_filter_has_its_configuration_here()
    {
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);
        Assert.Equal(registry.Names, s_configurations.Keys.Concat(s_needHosts).Concat(s_needParts).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("api_key")]
    [InlineData("basic_auth")]
    [InlineData("gzip")]
    [InlineData("jwt_authn")]
    [InlineData("metadata")]
    public void Our_own_proxy_takes_the_same_configurations(string name)
    {
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);
        Assert.NotNull(registry.Find(name)!(new FilterConfiguration(name, Encoding.UTF8.GetBytes(s_configurations[name]), "/")));
    }

    [EnvoyFact]
    public async Task Envoy_takes_every_filter_and_refuses_what_needs_hosts()
    {
        string module = await modules.PublishAsync(Project);
        using var upstream = Upstream();

        // What answers by itself comes last, and is passed over by none.
        string[] quiet = [.. s_configurations.Keys.Where(name => name is not ("echo" or "fault" or "jwt_authn" or "basic_auth" or "api_key" or "ext_authz" or "local_rate_limit"))];
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [.. quiet.Select((name, i) => Filter(module, name, $"f{i}"))]);
        using var response = await envoy.SendAsync("/");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("x-dsl: 1\n", await response.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        foreach (string name in s_needHosts)
        {
            Assert.Contains("needs the hosts of clusters", await EnvoyProcess.RefusesAsync(modules, [EnvoyYaml.Filter(module, name, EnvoyYaml.Struct("{}"))]), StringComparison.Ordinal);
        }
    }

    [EnvoyFact]
    public async Task A_value_out_of_range_is_refused_in_Envoy_with_its_path()
    {
        string module = await modules.PublishAsync(Project);
        foreach (var (name, config, error) in new[]
        {
            ("gzip", """{"gzip_level":10}""", "$.gzip_level: found 10, wanted 0 to 9"),
            ("gzip", """{"encodings":["br","deflate"]}""", "$.encodings[1]: found \"deflate\", wanted \"gzip\", \"br\" or \"zstd\""),
            ("local_rate_limit", """{"token_bucket":{"max_tokens":1,"fill_interval":"0s"}}""", "$.token_bucket.fill_interval: wanted 1ms to 576h"),
            ("local_rate_limit", "{}", "$.token_bucket: is missing and required"),
            ("rbac", """{"rules":{"policies":{"p":{"permissions":[],"principals":[{"any":true}]}}}}""", "$.rules.policies.p.permissions: found 0, wanted 1 or more"),
            ("rbac", """{"rules":{"policies":{"p":{"permissions":[{"and_rules":{}}],"principals":[{"any":true}]}}}}""", "$.rules.policies.p.permissions[0].and_rules.rules: is missing and required"),
            ("istio.stats", """{"stat_prefix":"a-b"}""", "$.stat_prefix: found \"a-b\", wanted letters, digits and underscores"),
            ("echo", """{"status":42}""", "$.status: found 42, wanted 200 to 599, or 0 for the default"),
            ("ratelimit", """{"domain":"d","rate_limit_service":{"grpc_service":{"envoy_grpc":{"cluster_name":"a"}}},"rate_limits":[{"stage":11,"actions":[{"remote_address":{}}]}]}""", "$.rate_limits[0].stage: found 11, wanted 0 to 10"),
        })
        {
            Assert.Contains(error, await EnvoyProcess.RefusesAsync(modules, [EnvoyYaml.Filter(module, name, EnvoyYaml.Struct(config))]), StringComparison.Ordinal);
        }
    }

    [EnvoyFact]
    public async Task Filters_do_in_Envoy_what_they_do_at_home()
    {
        string module = await modules.PublishAsync(Project);
        using var upstream = Upstream();
        using var auth = Authorizer();
        foreach (string name in Asked)
        {
            using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [Filter(module, name)], clusters: "  - " + EnvoyYaml.Cluster("auth", auth.Port) + "\n");
            await AsksAsync(name, envoy.SendAsync);
        }
    }

    [EnvoyFact]
    public async Task A_service_in_gRPC_is_asked_out_of_Envoy()
    {
        if (!File.Exists(GrpcPeer.Library))
        {
            return;
        }

        string module = await modules.PublishAsync(Project);
        using var upstream = Upstream();
        using var auth = await GrpcPeer.StartAsync(Path.Combine(AppContext.BaseDirectory, "StockFilters", "auth.py"));
        string cluster = EnvoyYaml.Cluster("auth", int.Parse(auth.Address.Split(':')[1], CultureInfo.InvariantCulture)).Replace("http_protocol_options: { enable_trailers: true }", "http2_protocol_options: {}", StringComparison.Ordinal);
        using var envoy = await EnvoyProcess.StartAsync(
            modules, upstream.Port, [EnvoyYaml.Filter(module, "ext_authz", EnvoyYaml.Struct("""{"grpc_service":{"envoy_grpc":{"cluster_name":"auth"},"timeout":"20s"}}"""))], clusters: "  - " + cluster + "\n");
        using var allowed = await envoy.SendAsync("/allow", ("x-user", "root"));
        Assert.True(allowed.IsSuccessStatusCode, envoy.Log);
        Assert.Contains("x-user: alice\n", await allowed.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["yes", "twice"], allowed.Headers.GetValues("x-checked"));
        using var denied = await envoy.SendAsync("/deny");
        Assert.Equal(HttpStatusCode.Unauthorized, denied.StatusCode);
        Assert.Equal("who are you?", await denied.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Forbidden, (await envoy.SendAsync("/error")).StatusCode);
    }

    [EnvoyFact]
    public async Task A_rate_limit_service_is_asked_out_of_Envoy()
    {
        if (!File.Exists(GrpcPeer.Library))
        {
            return;
        }

        string module = await modules.PublishAsync(Project);
        using var upstream = Upstream();
        using var limits = await GrpcPeer.StartAsync(Path.Combine(AppContext.BaseDirectory, "StockFilters", "rls.py"));
        string cluster = EnvoyYaml.Cluster("limits", int.Parse(limits.Address.Split(':')[1], CultureInfo.InvariantCulture)).Replace("http_protocol_options: { enable_trailers: true }", "http2_protocol_options: {}", StringComparison.Ordinal);
        const string Rule = """{"actions":[{"request_headers":{"header_name":"x-do","descriptor_key":"do"}},{"destination_cluster":{}},{"remote_address":{}}]}""";
        string routes = "{ name: own, match: { prefix: \"/own\" }, route: { cluster: up }, "
            + EnvoyYaml.RouteFilter(module, "ratelimit", EnvoyYaml.Struct("""{"domain":"mine","rate_limits":[{"actions":[{"generic_key":{"descriptor_value":"own"}}]}],"vh_rate_limits":"INCLUDE"}""")) + " }, { name: main, match: { prefix: \"/\" }, route: { cluster: up } }";
        string config = """{"domain":"shop","timeout":"20s","rate_limited_as_resource_exhausted":true,"rate_limit_service":{"grpc_service":{"envoy_grpc":{"cluster_name":"limits"}}},"rate_limits":[""" + Rule + "]}";
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [EnvoyYaml.Filter(module, "ratelimit", EnvoyYaml.Struct(config))], routes, clusters: "  - " + cluster + "\n");

        using var told = await envoy.SendAsync("/", ("x-do", "tell"));
        Assert.True(told.IsSuccessStatusCode, envoy.Log);
        Assert.Equal(["shop|0|do=tell,destination_cluster=up,remote_address=127.0.0.1"], told.Headers.GetValues("x-told"));
        using var own = await envoy.SendAsync("/own", ("x-do", "tell"));
        Assert.Equal(["mine|0|generic_key=own;do=tell,destination_cluster=up,remote_address=127.0.0.1"], own.Headers.GetValues("x-told"));
        using var added = await envoy.SendAsync("/", ("x-do", "add"));
        Assert.Contains("x-plan: gold\n", await added.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        using var over = await envoy.SendAsync("/", ("x-do", "over"));
        Assert.Equal((HttpStatusCode)429, over.StatusCode);
        Assert.Equal("""{"error":"spent"}""", await over.Content.ReadAsStringAsync());
        Assert.Equal("application/json", over.Content.Headers.ContentType!.MediaType);
        Assert.Equal(["true"], over.Headers.GetValues("x-envoy-ratelimited"));
        Assert.Equal(["spent"], over.Headers.GetValues("x-why"));
        using var content = new ByteArrayContent([]) { Headers = { ContentType = new("application/grpc") } };
        using var call = await envoy.SendAsync(HttpMethod.Post, "/", content, ("x-do", "over"));
        Assert.Equal(["8"], call.Headers.GetValues("grpc-status"));
        limits.Dispose();
        Assert.Equal(HttpStatusCode.OK, (await envoy.SendAsync("/", ("x-do", "over"))).StatusCode);
    }

    [NginxFact]
    public async Task Filters_do_in_nginx_what_they_do_at_home()
    {
        string library = nginxModule.Place(Path.Combine(modules.Folder, $"lib{await modules.PublishAsync(Project)}.so"));
        using var upstream = Upstream();
        using var auth = Authorizer();
        string locations = string.Concat(Asked.Select(name => $"location /{name}/ {{ outrider_filter s {name} '{s_configurations[name].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'; proxy_pass http://up/; }}\n"));
        using var nginx = await NginxProcess.StartAsync(
            nginxModule, $"outrider_module s {library}; upstream up {{ server 127.0.0.1:{upstream.Port}; }} upstream auth {{ server 127.0.0.1:{auth.Port}; }}", locations);
        foreach (string name in Asked)
        {
            await AsksAsync(name, (path, headers) => nginx.SendAsync($"/{name}{path}", headers), $"/{name}");
        }
    }

    [EnvoyFact]
    public async Task In_Envoy_a_refusals_flag_is_a_custom_one()
    {
        string module = await modules.PublishAsync(Project);
        using var upstream = Upstream();
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [Filter(module, "local_rate_limit")], more: EnvoyYaml.AccessLog("log: %RESPONSE_CODE% %CUSTOM_FLAGS% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%"));
        await AsksAsync("local_rate_limit", envoy.SendAsync);
        await Eventually.HoldsAsync(() => envoy.Log.Contains("log: 429 RL - local_rate_limited", StringComparison.Ordinal));
        Assert.Equal(2, Regex.Count(envoy.Log, "log: 200 -? - via_upstream"));
    }

    [NginxFact]
    public async Task In_nginx_a_refusals_flag_is_a_variable()
    {
        string library = nginxModule.Place(Path.Combine(modules.Folder, $"lib{await modules.PublishAsync(Project)}.so"));
        using var upstream = Upstream();
        using var nginx = await NginxProcess.StartAsync(
            nginxModule,
            $"outrider_module s {library}; upstream up {{ server 127.0.0.1:{upstream.Port}; }}",
            $"add_header x-flags $outrider_flags always; location / {{ outrider_filter s local_rate_limit '{s_configurations["local_rate_limit"]}'; proxy_pass http://up; }}");
        using var passed = await nginx.SendAsync("/");
        Assert.False(passed.Headers.Contains("x-flags"));
        Assert.Equal(HttpStatusCode.OK, (await nginx.SendAsync("/")).StatusCode);
        using var refused = await nginx.SendAsync("/");
        Assert.Equal((HttpStatusCode)429, refused.StatusCode);
        Assert.Equal(["RL"], refused.Headers.GetValues("x-flags"));
    }

    private static IEnumerable<string> Asked => ["cors", "jwt_authn", "gzip", "rbac", "ext_authz", "local_rate_limit", "ratelimit", "header_mutation", "basic_auth", "api_key", "echo", "fault", "metadata"];

    private static string Filter(string module, string name, string place = "f") => EnvoyYaml.Filter(module, name, EnvoyYaml.Text(s_configurations[name].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)), place);

    private static EchoUpstream Upstream() => new(context =>
    {
        context.Response.ContentType = "text/plain";
        return Task.FromResult(false);
    });

    private static RawUpstream Authorizer() => new(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            await connection.SendAsync(request.Contains("/deny", StringComparison.Ordinal) ? "HTTP/1.1 401 No\r\nx-reason: none\r\ncontent-length: 2\r\n\r\nno" : Response("", "x-user: alice\r\n"));
        }
    });

    private static async Task AsksAsync(string name, Func<string, (string, string)[], Task<HttpResponseMessage>> sendAsync, string under = "")
    {
        async Task<(int Status, string Body, HttpResponseMessage Response)> AskAsync(string path, params (string, string)[] headers)
        {
            var response = await sendAsync(path, headers);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
        }

        static string? Header(HttpResponseMessage response, string header) => response.Headers.TryGetValues(header, out var values) ? string.Join(",", values) : null;

        switch (name)
        {
            case "cors":
                Assert.Equal("https://a.example", Header((await AskAsync("/", ("origin", "https://a.example"))).Response, "access-control-allow-origin"));
                Assert.Null(Header((await AskAsync("/", ("origin", "https://b.example"))).Response, "access-control-allow-origin"));
                break;
            case "jwt_authn":
                Assert.Equal(401, (await AskAsync("/")).Status);
                Assert.Equal(200, (await AskAsync("/", ("authorization", "Bearer " + Token()))).Status);
                Assert.Equal(401, (await AskAsync("/", ("authorization", "Bearer " + Token()[..^4] + "AAAA"))).Status);
                break;
            case "gzip":
                using (var response = (await AskAsync("/", ("accept-encoding", "gzip"))).Response)
                {
                    Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
                }

                Assert.Empty((await AskAsync("/")).Response.Content.Headers.ContentEncoding);
                break;
            case "rbac":
                // In nginx the location is a part of what the filter sees.
                if (under.Length == 0)
                {
                    Assert.Equal((403, "RBAC: access denied"), Pair(await AskAsync("/secret/x")));
                }

                Assert.Equal(200, (await AskAsync("/open")).Status);
                break;
            case "ext_authz":
                var allowed = await AskAsync("/a", ("x-user", "root"));
                Assert.Equal(200, allowed.Status);
                Assert.Contains("x-user: alice\n", allowed.Body, StringComparison.OrdinalIgnoreCase);
                var denied = await AskAsync("/deny");
                Assert.Equal((401, "no"), Pair(denied));
                Assert.Equal("none", Header(denied.Response, "x-reason"));
                break;
            case "local_rate_limit":
                Assert.Equal((200, 200, 429), ((await AskAsync("/")).Status, (await AskAsync("/")).Status, (await AskAsync("/")).Status));
                break;
            case "ratelimit":
                // There is no such service: requests pass.
                Assert.Equal((200, 200), ((await AskAsync("/")).Status, (await AskAsync("/", ("x-asked", "1"))).Status));
                break;
            case "header_mutation":
                var changed = await AskAsync("/");
                Assert.Contains("x-more: 1\n", changed.Body, StringComparison.OrdinalIgnoreCase);
                Assert.Equal("yes", Header(changed.Response, "x-seen"));
                break;
            case "basic_auth":
                Assert.Equal(401, (await AskAsync("/")).Status);
                Assert.Equal(200, (await AskAsync("/", ("authorization", "Basic " + Convert.ToBase64String("me:test1"u8)))).Status);
                break;
            case "api_key":
                Assert.Equal(401, (await AskAsync("/")).Status);
                Assert.Equal(200, (await AskAsync("/", ("x-api-key", "k"))).Status);
                break;
            case "echo":
                Assert.Equal((203, "echoed"), Pair(await AskAsync("/")));
                break;
            case "fault":
                Assert.Equal(418, (await AskAsync("/")).Status);
                break;
            case "metadata":
                Assert.Contains("x-mosn-on-envoy-unit: s2\n", (await AskAsync("/", ("uid", "150"))).Body, StringComparison.OrdinalIgnoreCase);
                break;
            default:
                Assert.Fail(name);
                break;
        }
    }

    private static (int Status, string Body) Pair((int Status, string Body, HttpResponseMessage Response) answer) => (answer.Status, answer.Body);

    private static string Token()
    {
        static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string signed = Encode("""{"alg":"HS256","typ":"JWT","kid":"a"}"""u8.ToArray()) + "." + Encode(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"iss":"me","sub":"u","exp":{{now + 600}}}""")));
        byte[] key = "secret-secret-secret-secret-secret"u8.ToArray();
        return signed + "." + Encode(System.Security.Cryptography.HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)));
    }
}
