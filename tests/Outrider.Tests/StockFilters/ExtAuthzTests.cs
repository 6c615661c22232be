using Outrider.Tests.Envoy;
using Outrider.Tests.Grpc;
using Outrider.Tests.Harness;
using Outrider.Tests.Plugins;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>ext_authz</c>, asking a service in gRPC (gRPC's own server) or in HTTP. Envoy's own filter says what is right.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class ExtAuthzTests(EnvoyModules modules)
{
    private const string Grpc = """{"grpc_service":{"envoy_grpc":{"cluster_name":"auth"},"timeout":"20s"},"transport_api_version":"V3","with_request_body":{"max_request_bytes":5,"allow_partial_message":true}}""";

    private const string Http = """
        {"http_service":{"server_uri":{"uri":"http://auth.test","cluster":"auth","timeout":"20s"},"path_prefix":"/check","authorization_request":{"allowed_headers":{"patterns":[{"exact":"X-A"}]},"headers_to_add":[{"key":"x-from","value":"proxy"}]},
        "authorization_response":{"allowed_upstream_headers":{"patterns":[{"prefix":"x-u"}]},"allowed_upstream_headers_to_append":{"patterns":[{"exact":"x-more"}]},"allowed_client_headers_on_success":{"patterns":[{"exact":"x-checked"}]},
        "allowed_client_headers":{"patterns":[{"exact":"x-reason"}]}}}}
        """;

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_service_in_gRPC_sees_the_request_and_its_answer_is_followed()
    {
        using var auth = await PeerAsync();
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, auth.Address, Grpc);

        string told = BodyOf(await proxy.SendAsync(Post("hello world", "/tell?q=1").Replace("\r\n\r\n", "\r\nx-a: 1\r\nx-a: 2\r\nauthorization: me\r\n\r\n", StringComparison.Ordinal)));
        Assert.Equal(
            """
            method POST
            path /tell?q=1
            host example.test
            scheme http
            protocol HTTP/1.1
            size 5
            body hello
            raw 
            source 127.0.0.1
            port True
            extensions []
            headers [(':method', 'POST'), (':path', '/tell?q=1'), ('authorization', 'me'), ('x-a', '1,2'), ('x-envoy-auth-partial-body', 'true')]
            """,
            told);
        await FollowsAsync(proxy.SendAsync);
    }

    [EnvoyFact]
    public async Task Envoys_own_filter_follows_the_same_answers()
    {
        using var auth = await PeerAsync();
        using var upstream = Mirror();
        string filter = """{ name: envoy.filters.http.ext_authz, typed_config: {"@type":"type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",""" + Grpc[1..] + " }";
        string cluster = EnvoyYaml.Cluster("auth", int.Parse(auth.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)).Replace("http_protocol_options: { enable_trailers: true }", "http2_protocol_options: {}", StringComparison.Ordinal);
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [filter], clusters: "  - " + cluster + "\n");
        await FollowsAsync(request => RawClient.ExchangeAsync(envoy.Port, request.Replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n", StringComparison.Ordinal)));
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_service_that_does_not_answer_refuses_or_lets_pass_as_the_configuration_says()
    {
        using var auth = await PeerAsync();
        using var upstream = Mirror();
        string quick = Grpc.Replace("20s", "0.2s", StringComparison.Ordinal);
        await using var closed = await StartAsync(upstream.Address, auth.Address, quick[..^1] + ""","status_on_error":{"code":"ServiceUnavailable"}}""");
        await using var open = await StartAsync(upstream.Address, auth.Address, quick[..^1] + ""","failureModeAllow":true,"failureModeAllowHeaderAdd":true}""");
        foreach (string path in new[] { "/error", "/slow", "/wrong" })
        {
            Assert.Equal(503, StatusOf(await closed.SendAsync(GetWith("", path))));
            string passed = await open.SendAsync(GetWith("", path));
            Assert.Equal(200, StatusOf(passed));
            Assert.Contains("x-envoy-auth-failure-mode-allowed: true\r\n", BodyOf(passed), StringComparison.Ordinal);
        }

        auth.Dispose();
        Assert.Equal(503, StatusOf(await closed.SendAsync(GetWith(""))));
        Assert.Equal(200, StatusOf(await open.SendAsync(GetWith(""))));
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_route_says_nothing_is_asked_or_what_the_service_is_told_of_it()
    {
        using var auth = await PeerAsync();
        using var upstream = Mirror();
        await using var off = await StartAsync(upstream.Address, auth.Address, Grpc, """{"ext_authz":{"disabled":true}}""");
        Assert.Equal(200, StatusOf(await off.SendAsync(GetWith("", "/own/deny"))));
        Assert.Equal(401, StatusOf(await off.SendAsync(GetWith("", "/deny"))));

        await using var told = await StartAsync(
            upstream.Address, auth.Address, Grpc[..^1] + ""","allowedHeaders":{"patterns":[{"prefix":"x-"}]},"disallowedHeaders":{"patterns":[{"exact":"x-b"}]}}""",
            """{"ext_authz":{"check_settings":{"context_extensions":{"virtual_host":"a_b"},"disable_request_body_buffering":true}}}""");
        string answer = BodyOf(await told.SendAsync(Post("hello", "/own/tell").Replace("\r\n\r\n", "\r\nx-a: 1\r\nx-b: 2\r\nauthorization: me\r\n\r\n", StringComparison.Ordinal)));
        Assert.Contains("size -1\nbody \nraw \n", answer, StringComparison.Ordinal);
        Assert.Contains("extensions [('virtual_host', 'a_b')]\nheaders [(':method', 'POST'), (':path', '/own/tell'), ('x-a', '1')]", answer, StringComparison.Ordinal);
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_body_over_the_limit_is_refused_unless_its_beginning_is_enough()
    {
        using var auth = await PeerAsync();
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, auth.Address, Grpc.Replace("\"allow_partial_message\":true", "\"pack_as_bytes\":true", StringComparison.Ordinal));
        Assert.Equal(413, StatusOf(await proxy.SendAsync(Post("hello!"))));
        Assert.Contains("body \nraw hello\n", BodyOf(await proxy.SendAsync(Post("hello", "/tell"))), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhello", BodyOf(await proxy.SendAsync(Post("hello"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_in_HTTP_sees_method_path_and_chosen_headers_and_its_answer_is_followed()
    {
        using var auth = HttpService();
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, auth.Address, Http);
        await AnswersAsync(proxy.SendAsync);

        Assert.Contains("POST /check/allow?a=b HTTP/1.1\r\n", auth.Received, StringComparison.Ordinal);
        Assert.Contains("x-a: 1\r\n", auth.Received, StringComparison.Ordinal);
        Assert.Contains("x-from: proxy\r\n", auth.Received, StringComparison.Ordinal);
        Assert.Contains("authorization: me\r\n", auth.Received, StringComparison.Ordinal);
        Assert.Contains("host: a.test\r\n", auth.Received, StringComparison.Ordinal);
        Assert.DoesNotContain("x-secret", auth.Received, StringComparison.Ordinal);
        Assert.DoesNotContain("hello", auth.Received, StringComparison.Ordinal);
    }

    [EnvoyFact]
    public async Task Envoys_own_filter_follows_the_same_answers_in_HTTP()
    {
        using var auth = HttpService();
        using var upstream = Mirror();
        string filter = """{ name: envoy.filters.http.ext_authz, typed_config: {"@type":"type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",""" + Http.Trim()[1..].ReplaceLineEndings(" ") + " }";
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [filter], clusters: "  - " + EnvoyYaml.Cluster("auth", auth.Port) + "\n");
        await AnswersAsync(request => RawClient.ExchangeAsync(envoy.Port, request.Replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{}", "$.grpcService")]
    [InlineData("""{"check_settings":{}}""", "$.checkSettings")]
    [InlineData("""{"grpc_service":{"envoy_grpc":{"cluster_name":"a","cluster_nam":"b"}}}""", "$.grpc_service.envoy_grpc.cluster_nam")]
    [InlineData("""{"grpc_service":{"envoy_grpc":{"cluster_name":7}}}""", "$.grpc_service.envoy_grpc.cluster_name")]
    [InlineData("""{"grpc_service":{}}""", "$.grpc_service.envoyGrpc")]
    [InlineData("""{"grpc_service":{"envoy_grpc":{"cluster_name":"a"}},"http_service":{"server_uri":{"uri":"http://a","cluster":"a"}}}""", "$.http_service")]
    [InlineData("""{"http_service":{"server_uri":{"uri":"http://a"}}}""", "$.http_service.server_uri.cluster")]
    [InlineData("""{"grpc_service":{"envoy_grpc":{"cluster_name":"a"}},"status_on_error":{"code":"Nothing"}}""", "$.status_on_error.code")]
    [InlineData("""{"grpc_service":{"envoy_grpc":{"cluster_name":"a"}},"with_request_body":{}}""", "$.with_request_body.maxRequestBytes")]
    [InlineData("""{"grpc_service":{"envoy_grpc":{"cluster_name":"a"}},"allowed_headers":{"patterns":[{}]}}""", "$.allowed_headers.patterns[0]")]
    [InlineData("""{"grpc_service":{"envoy_grpc":{"cluster_name":"a"}},"transport_api_version":"V2"}""", "$.transport_api_version")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("ext_authz", config).Path);

    private static Task<GrpcPeer> PeerAsync() => GrpcPeer.StartAsync(Path.Combine(AppContext.BaseDirectory, "StockFilters", "auth.py"));

    private static Task<TestProxy> StartAsync(string upstream, string auth, string config, string perFilterConfig = "{}")
        => StockProxy.StartAsync(upstream, $$"""{"type":"ext_authz","config":{{config}} }""", perFilterConfig: perFilterConfig, cluster: $$"""{"name":"auth","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{auth}}"}]}""");

    // What auth.py answers, as the client and the upstream see it.
    private static async Task FollowsAsync(Func<string, Task<string>> sendAsync)
    {
        string allowed = await sendAsync(GetWith("x-user: root\r\nx-more: one\r\nx-secret: s\r\n", "/allow"));
        Assert.Equal(200, StatusOf(allowed));
        Assert.Contains("x-checked: yes\r\n", HeadOf(allowed), StringComparison.Ordinal);
        Assert.Contains("x-checked: twice\r\n", HeadOf(allowed), StringComparison.Ordinal);
        Assert.Contains("x-user: alice\r\n", allowed, StringComparison.Ordinal);
        Assert.Contains("x-more: one", allowed, StringComparison.Ordinal);
        Assert.Contains("two\r\n", allowed, StringComparison.Ordinal);
        Assert.DoesNotContain("root", allowed, StringComparison.Ordinal);
        Assert.DoesNotContain("x-secret", allowed, StringComparison.Ordinal);

        string denied = await sendAsync(GetWith("", "/deny"));
        Assert.Equal(401, StatusOf(denied));
        Assert.Contains("www-authenticate: Custom\r\n", denied, StringComparison.Ordinal);
        Assert.Contains("x-reason: none\r\n", denied, StringComparison.Ordinal);
        Assert.Equal("who are you?", BodyOf(denied));

        Assert.Equal(403, StatusOf(await sendAsync(GetWith("", "/bare"))));
        Assert.Equal(403, StatusOf(await sendAsync(GetWith("", "/error"))));
        Assert.Equal(200, StatusOf(await sendAsync(Post("hello world"))));
    }

    private static RawUpstream HttpService() => new(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            await connection.SendAsync(
                request.Contains("/allow", StringComparison.Ordinal) ? Response("", "x-user: alice\r\nx-more: two\r\nx-checked: yes\r\nx-other: 1\r\nx-envoy-auth-headers-to-remove: x-secret\r\n")
                : request.Contains("/deny", StringComparison.Ordinal) ? "HTTP/1.1 401 No\r\nwww-authenticate: Custom\r\nx-reason: none\r\nx-other: 1\r\ncontent-length: 2\r\n\r\nno"
                : "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
        }
    });

    private static async Task AnswersAsync(Func<string, Task<string>> sendAsync)
    {
        string allowed = await sendAsync("POST /allow?a=b HTTP/1.1\r\nhost: a.test\r\nx-a: 1\r\nauthorization: me\r\nx-user: root\r\nx-more: one\r\nx-secret: s\r\ncontent-length: 5\r\n\r\nhello");
        Assert.Equal(200, StatusOf(allowed));
        Assert.Contains("x-checked: yes\r\n", HeadOf(allowed), StringComparison.Ordinal);
        Assert.Contains("x-user: alice\r\n", allowed, StringComparison.Ordinal);
        Assert.Contains("two\r\n", allowed, StringComparison.Ordinal);
        Assert.EndsWith("hello", allowed, StringComparison.Ordinal);
        foreach (string gone in new[] { "root", "x-secret", "x-other" })
        {
            Assert.DoesNotContain(gone, allowed, StringComparison.Ordinal);
        }

        string denied = await sendAsync(GetWith("", "/deny"));
        Assert.Equal(401, StatusOf(denied));
        Assert.Contains("www-authenticate: Custom\r\n", denied, StringComparison.Ordinal);
        Assert.Contains("x-reason: none\r\n", denied, StringComparison.Ordinal);
        Assert.DoesNotContain("x-other", denied, StringComparison.Ordinal);
        Assert.Equal("no", BodyOf(denied));
        Assert.Equal(403, StatusOf(await sendAsync(GetWith("", "/broken"))));
    }
}
