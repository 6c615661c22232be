using System.Text;
using System.Text.Json.Nodes;
using Outrider.Filters;
using Outrider.StockFilters;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Tls;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>rbac</c>. Each case of what fits holds for Envoy's own filter as well.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class RbacTests(EnvoyModules modules)
{
    // A permission, a request's fields and path, and whether the one fits the other.
    private static readonly (string Permission, string Fields, string Path, bool Fits)[] s_permissions =
    [
        ("""{"any":true}""", "", "/", true),
        ("""{"header":{"name":"x-a","exact_match":"1"}}""", "x-a: 1\r\n", "/", true),
        ("""{"header":{"name":"x-a","exact_match":"1"}}""", "x-a: 2\r\n", "/", false),
        ("""{"header":{"name":"x-a","exact_match":"1"}}""", "", "/", false),
        ("""{"header":{"name":"x-a","exact_match":"1","invert_match":true}}""", "", "/", false),
        ("""{"header":{"name":"x-a","exact_match":"1","invert_match":true}}""", "x-a: 2\r\n", "/", true),
        ("""{"header":{"name":"x-a","exact_match":"1","invert_match":true,"treat_missing_header_as_empty":true}}""", "", "/", true),
        ("""{"header":{"name":"x-a","exact_match":"1,2"}}""", "x-a: 1\r\nx-a: 2\r\n", "/", false),
        ("""{"header":{"name":"x-a","exact_match":"2"}}""", "x-a: 1\r\nx-a: 2\r\n", "/", true),
        ("""{"header":{"name":"x-a","prefix_match":"ab"}}""", "x-a: abc\r\n", "/", true),
        ("""{"header":{"name":"x-a","suffix_match":"bc"}}""", "x-a: abc\r\n", "/", true),
        ("""{"header":{"name":"x-a","contains_match":"b"}}""", "x-a: abc\r\n", "/", true),
        ("""{"header":{"name":"x-a","safe_regex_match":{"google_re2":{},"regex":"a.c"}}}""", "x-a: abc\r\n", "/", true),
        ("""{"header":{"name":"x-a","safe_regex_match":{"regex":"b"}}}""", "x-a: abc\r\n", "/", false),
        ("""{"header":{"name":"x-a","string_match":{"exact":"ABC","ignore_case":true}}}""", "x-a: abc\r\n", "/", true),
        ("""{"header":{"name":"x-a","range_match":{"start":100,"end":200}}}""", "x-a: 199\r\n", "/", true),
        ("""{"header":{"name":"x-a","range_match":{"start":100,"end":200}}}""", "x-a: 200\r\n", "/", false),
        ("""{"header":{"name":"x-a","present_match":true}}""", "x-a: 1\r\n", "/", true),
        ("""{"header":{"name":"x-a","present_match":false}}""", "", "/", true),
        ("""{"header":{"name":"x-a","present_match":true,"invert_match":true}}""", "", "/", true),
        ("""{"header":{"name":":method","exact_match":"GET"}}""", "", "/", true),
        ("""{"header":{"name":":path","prefix_match":"/a?b"}}""", "", "/a?b=c", true),
        ("""{"header":{"name":":authority","exact_match":"a.test"}}""", "", "/", true),
        ("""{"url_path":{"path":{"exact":"/a"}}}""", "", "/a?b=c", true),
        ("""{"url_path":{"path":{"prefix":"/b"}}}""", "", "/a", false),
        ("""{"and_rules":{"rules":[{"any":true},{"header":{"name":"x-a","exact_match":"1"}}]}}""", "", "/", false),
        ("""{"or_rules":{"rules":[{"url_path":{"path":{"exact":"/b"}}},{"header":{"name":"x-a","exact_match":"1"}}]}}""", "x-a: 1\r\n", "/", true),
        ("""{"not_rule":{"url_path":{"path":{"exact":"/a"}}}}""", "", "/a", false),
        ("""{"destination_ip":{"address_prefix":"127.0.0.0","prefix_len":8}}""", "", "/", true),
        ("""{"destination_ip":{"address_prefix":"10.0.0.0","prefix_len":8}}""", "", "/", false),
        ("""{"destination_port":1}""", "", "/", false),
        ("""{"destination_port_range":{"start":1024,"end":65536}}""", "", "/", true),
        ("""{"metadata":{"filter":"f","path":[{"key":"k"}],"value":{"string_match":{"exact":"v"}}}}""", "", "/", false),
        ("""{"metadata":{"filter":"f","path":[{"key":"k"}],"value":{"string_match":{"exact":"v"}},"invert":true}}""", "", "/", true),
        ("""{"requested_server_name":{"exact":"a.test"}}""", "", "/", false),
    ];

    private static readonly (string Principal, string Fields, bool Fits)[] s_principals =
    [
        ("""{"any":true}""", "", true),
        ("""{"source_ip":{"address_prefix":"127.0.0.1","prefix_len":32}}""", "", true),
        ("""{"direct_remote_ip":{"address_prefix":"127.0.0.0","prefix_len":8}}""", "x-forwarded-for: 10.0.0.1\r\n", true),
        ("""{"remote_ip":{"address_prefix":"10.0.0.0","prefix_len":8}}""", "", false),
        ("""{"authenticated":{}}""", "", false),
        ("""{"authenticated":{"principal_name":{"prefix":"a"}}}""", "", false),
        ("""{"header":{"name":"x-user","exact_match":"alice"}}""", "x-user: alice\r\n", true),
        ("""{"url_path":{"path":{"exact":"/x"}}}""", "", false),
        ("""{"and_ids":{"ids":[{"any":true},{"header":{"name":"x-user","exact_match":"bob"}}]}}""", "x-user: alice\r\n", false),
        ("""{"or_ids":{"ids":[{"header":{"name":"x-user","exact_match":"bob"}},{"any":true}]}}""", "", true),
        ("""{"not_id":{"any":true}}""", "", false),
        ("""{"metadata":{"filter":"f","path":[{"key":"k"}],"value":{"present_match":true}}}""", "", false),
    ];

    [Fact]
    public async Task Permissions_and_principals_fit_as_they_say()
    {
        using var upstream = Mirror();
        await using var proxy = await StockProxy.StartAsync(upstream.Address, "{\"type\":\"rbac\",\"config\":" + Policies() + "}");
        await FitsAsync(proxy.SendAsync);
    }

    [EnvoyFact]
    public async Task They_fit_in_Envoys_own_filter_alike()
    {
        using var upstream = Mirror();
        string filter = $$"""{ name: envoy.filters.http.rbac, typed_config: {"@type":"type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",{{Policies()[1..]}} }""";
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [filter]);
        await FitsAsync(request => RawClient.ExchangeAsync(envoy.Port, request.Replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Rules_allow_or_deny_and_shadow_rules_only_tell()
    {
        const string Admin = """{"admin only":{"permissions":[{"urlPath":{"path":{"prefix":"/own/admin"}}}],"principals":[{"any":true}]}}""";
        using var upstream = Mirror();
        await using var deny = await StockProxy.StartAsync(upstream.Address, $$"""{"type":"rbac","config":{"version":"v1","rules":{"action":"DENY","policies":{{Admin}} } } }""", perFilterConfig: """{"rbac":{}}""");
        string refused = await deny.SendAsync(GetWith("", "/x/own/admin"));
        Assert.Equal(200, StatusOf(refused));
        await using var strict = await StockProxy.StartAsync(upstream.Address, $$"""{"type":"rbac","config":{"rules":{"action":"DENY","policies":{{Admin}} },"shadow_rules":{"policies":{{Admin}} } } }""");
        refused = await strict.SendAsync(GetWith("", "/own/admin/x"));
        Assert.Equal(403, StatusOf(refused));
        Assert.Equal("RBAC: access denied", BodyOf(refused));
        Assert.Equal(200, StatusOf(await strict.SendAsync(GetWith("", "/own/else"))));

        // The route's own says nothing of it.
        Assert.Equal(200, StatusOf(await deny.SendAsync(GetWith("", "/own/admin"))));
        await using var nothing = await StockProxy.StartAsync(upstream.Address, """{"type":"rbac","config":{"rules":{}} }""", perFilterConfig: """{"rbac":{"rbac":{"rules":{"action":"DENY"}}}}""");
        Assert.Equal(403, StatusOf(await nothing.SendAsync(GetWith(""))));
        Assert.Equal(200, StatusOf(await nothing.SendAsync(GetWith("", "/own"))));
        await using var log = await StockProxy.StartAsync(upstream.Address, """{"type":"rbac","config":{"rules":{"action":"LOG"},"shadowRules":{"action":"ALLOW"}} }""");
        Assert.Equal(200, StatusOf(await log.SendAsync(GetWith(""))));
        using var client = new HttpClient();
        Assert.Contains("rules=\"shadow_rules\"", await client.GetStringAsync(new Uri($"http://{log.AdminEndPoint}/metrics")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_behind_a_trusted_proxy_is_one_and_the_proxy_another()
    {
        using var upstream = Mirror();
        foreach (var (principal, fits) in new[] { ("direct_remote_ip", false), ("remote_ip", true), ("source_ip", true) })
        {
            string config = "{\"rules\":{\"policies\":{\"p\":{\"permissions\":[{\"any\":true}],\"principals\":[{\"" + principal + "\":{\"address_prefix\":\"10.1.0.0\",\"prefix_len\":16}}]}}}}";
            var registry = new StreamFilterRegistry();
            StockFilterSet.Register(registry);
            var filter = registry.Find("rbac")!(new FilterConfiguration("rbac", Encoding.UTF8.GetBytes(config), "/"));
            await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter], extendConfig: "\"trusted_hops\":1");
            Assert.Equal(fits ? 200 : 403, StatusOf(await proxy.SendAsync(GetWith("x-forwarded-for: 10.1.2.3\r\n"))));
        }
    }

    [Theory]
    [InlineData("""{"authenticated":{}}""", true)]
    [InlineData("""{"authenticated":{"principal_name":{"exact":"alice.example.com"}}}""", true)]
    [InlineData("""{"authenticated":{"principal_name":{"exact":"bob.example.com"}}}""", false)]
    [InlineData("""{"metadata":{"filter":"istio_authn","path":[{"key":"source.principal"}],"value":{"string_match":{"exact":"alice"}}}}""", true)]
    public async Task Who_a_certificate_is_for_is_a_principal(string principal, bool fits)
    {
        using var lab = new TlsLab();
        using var upstream = Mirror();
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);
        string config = "{\"rules\":{\"policies\":{\"p\":{\"permissions\":[{\"requested_server_name\":{\"exact\":\"localhost\"}}],\"principals\":[" + principal + "]}}}}";
        var filter = registry.Find("rbac")!(new FilterConfiguration("rbac", Encoding.UTF8.GetBytes(config), "/"));
        await using var proxy = await lab.StartAsync([upstream.Address], [lab.Context($$""","verify_client":true,"ca_cert":"{{lab.Path("ca.pem")}}" """)], filter: filter);

        await using var alice = await TlsClient.ConnectAsync(proxy.Port, "localhost", certificate: lab.Authority.Issue("alice", ["alice.example.com"]));
        await alice.SendAsync(Get);
        Assert.Equal(fits ? 200 : 403, StatusOf(await alice.ReadResponseAsync()));
        await using var nobody = await TlsClient.ConnectAsync(proxy.Port, "localhost");
        await nobody.SendAsync(Get);
        Assert.Equal(403, StatusOf(await nobody.ReadResponseAsync()));
    }

    [Theory]
    [InlineData("""{"shadow_rules":{"policies":{"a.b_c":{"permissions":[{"any":true}],"principals":[{"remote_ip":{"address_prefix":"x"}}]}}}}""", "$.shadow_rules.policies.a.b_c.principals[0].remote_ip")]
    [InlineData("""{"shadow_rules":{"policies":{"p":{"permissions":[{"any":true}],"principals":[{"remote_ip":{"prefix":"x"}}]}}}}""", "$.shadow_rules.policies.p.principals[0].remote_ip.prefix")]
    [InlineData("""{"rules":{"action":"MAYBE"}}""", "$.rules.action")]
    [InlineData("""{"rules":{"policies":{"a_b":{"permissions":[],"principals":[{"any":true}]}}}}""", "$.rules.policies.a_b.permissions")]
    [InlineData("""{"rules":{"policies":{"p":{"permissions":[{"any":true}]}}}}""", "$.rules.policies.p.principals")]
    [InlineData("""{"rules":{"policies":{"p":{"permissions":[{"any":true,"destination_port":1}],"principals":[{"any":true}]}}}}""", "$.rules.policies.p.permissions[0]")]
    [InlineData("""{"rules":{"policies":{"p":{"permissions":[{"any":true}],"principals":[{"source_ip":{"address_prefix":"x","prefix_len":1}}]}}}}""", "$.rules.policies.p.principals[0].source_ip")]
    [InlineData("""{"shadow_rules":{"policies":{"p":{"permissions":[{"and_rules":{"rules":[]}}],"principals":[{"any":true}]}}}}""", "$.shadow_rules.policies.p.permissions[0].and_rules.rules")]
    [InlineData("""{"rules":{"policies":{"p":{"permissions":[{"metadata":{"filter":"f","path":[{"key":"a"},{"key":"b"}],"value":{"bool_match":true}}}],"principals":[{"any":true}]}}}}""", "$.rules.policies.p.permissions[0].metadata.path")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("rbac", config).Path);

    // Each case is a policy of its own, which a header chooses.
    private static string Policies()
    {
        var policies = new JsonObject();
        for (int i = 0; i < s_permissions.Length; i++)
        {
            policies[$"permission_{i}"] = Policy($"p{i}", s_permissions[i].Permission, """{"any":true}""");
        }

        for (int i = 0; i < s_principals.Length; i++)
        {
            policies[$"principal_{i}"] = Policy($"q{i}", """{"any":true}""", s_principals[i].Principal);
        }

        return new JsonObject { ["rules"] = new JsonObject { ["action"] = "ALLOW", ["policies"] = policies } }.ToJsonString();
    }

    private static JsonNode Policy(string choice, string permission, string principal) => JsonNode.Parse(
        $$$"""{"permissions":[{{{permission}}}],"principals":[{"and_ids":{"ids":[{"header":{"name":"x-case","exact_match":"{{{choice}}}"}},{{{principal}}}]}}]}""")!;

    private static async Task FitsAsync(Func<string, Task<string>> sendAsync)
    {
        var wrong = new List<string>();
        for (int i = 0; i < s_permissions.Length; i++)
        {
            var (permission, fields, path, fits) = s_permissions[i];
            int status = StatusOf(await sendAsync(GetWith($"x-case: p{i}\r\n{fields}", path)));
            if (status != (fits ? 200 : 403))
            {
                wrong.Add($"{permission}: {status}");
            }
        }

        for (int i = 0; i < s_principals.Length; i++)
        {
            var (principal, fields, fits) = s_principals[i];
            int status = StatusOf(await sendAsync(GetWith($"x-case: q{i}\r\n{fields}")));
            if (status != (fits ? 200 : 403))
            {
                wrong.Add($"{principal}: {status}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
