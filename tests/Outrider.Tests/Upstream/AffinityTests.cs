using System.Text.RegularExpressions;
using Outrider.Tests.Harness;
using Outrider.Upstream.Hosts;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Upstream;

/// <summary>Clients that are kept to their host by cookies.</summary>
public sealed partial class AffinityTests : IDisposable
{
    private readonly RawUpstream[] _hosts = [.. "abcd".Select(name => RawUpstream.Answering(Response(name.ToString())))];

    public void Dispose() => Array.ForEach(_hosts, host => host.Dispose());

    [Fact]
    public async Task A_client_keeps_to_the_host_of_its_cookie_whatever_balances_the_others()
    {
        await using var proxy = await StartAsync(""","session_affinity":{"cookie":{"name":"stay","path":"/app","ttl":"1h"} }""", "");
        string first = await AskAsync(proxy, "");
        var cookie = Cookie().Match(first);
        Assert.True(cookie.Success, first);
        Assert.Equal("; Path=/app; Max-Age=3600; HttpOnly", cookie.Groups[2].Value);

        for (int i = 0; i < 8; i++)
        {
            string again = await AskAsync(proxy, $"cookie: a=b; stay={cookie.Groups[1].Value}\r\n");
            Assert.Equal(BodyOf(first), BodyOf(again));
            Assert.DoesNotContain("set-cookie", again, StringComparison.OrdinalIgnoreCase);
        }

        // Others go round.
        string[] others = [.. (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(proxy, "cookie: stay=zz\r\n")))).Select(BodyOf)];
        Assert.Equal(4, others.Distinct().Count());
    }

    [Fact]
    public async Task A_client_whose_host_is_sick_gets_another_and_a_new_cookie()
    {
        await using var proxy = await StartAsync(""","session_affinity":{"cookie":{"name":"stay"} }""", "");
        string first = await AskAsync(proxy, "");
        string value = Cookie().Match(first).Groups[1].Value;
        var cluster = proxy.Server.Clusters.Find("up")!;
        var host = cluster.Hosts[BodyOf(first)[0] - 'a'];
        _ = host.Health.Fail(HostFailures.FailedChecks, "test");
        string second = await AskAsync(proxy, $"cookie: stay={value}\r\n");
        Assert.NotEqual(BodyOf(first), BodyOf(second));
        Assert.NotEqual(value, Cookie().Match(second).Groups[1].Value);
    }

    [Fact]
    public async Task A_hash_policy_with_a_ttl_gives_a_cookie_to_who_brings_none_and_keeps_to_it()
    {
        await using var proxy = await StartAsync(""","lb_type":"LB_MAGLEV" """, ""","hash_policy":[{"cookie":{"name":"stay","ttl":"0s","path":"/"} }]""");
        for (int n = 0; n < 6; n++)
        {
            string first = await AskAsync(proxy, "");
            var cookie = Cookie().Match(first);
            Assert.Equal("; Path=/; HttpOnly", cookie.Groups[2].Value);
            for (int i = 0; i < 4; i++)
            {
                string again = await AskAsync(proxy, $"cookie: stay={cookie.Groups[1].Value}\r\n");
                Assert.Equal(BodyOf(first), BodyOf(again));
                Assert.DoesNotContain("set-cookie", again, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Theory]
    [InlineData("""{"path":{}}""", "/one?x=1", "/one?x=2", "/two")]
    [InlineData("""{"query_parameter":{"name":"user"}}""", "/a?b=1&user=7", "/c?user=7&d", "/a?user=8")]
    [InlineData("""{"header":{"key":"x-none"}},{"path":{}}""", "/one", "/one?y", "/two")]
    public async Task Paths_and_parameters_of_the_query_are_hashed(string policy, string path, string same, string other)
    {
        await using var proxy = await StartAsync(""","lb_type":"LB_MAGLEV" """, $",\"hash_policy\":[{policy}]");
        string first = BodyOf(await AskAsync(proxy, "", path));
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(first, BodyOf(await AskAsync(proxy, "", same)));
        }

        string[] others = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => BodyOf(await AskAsync(proxy, "", other + i))));
        Assert.True(others.Distinct().Count() > 1);
    }

    private static Task<string> AskAsync(TestProxy proxy, string fields, string path = "/app") => proxy.SendAsync($"GET {path} HTTP/1.1\r\nhost: a\r\n{fields}\r\n");

    private Task<TestProxy> StartAsync(string cluster, string route) => TestProxy.StartAsync(
        _hosts.Select(host => host.Address), loops: 2, cluster: cluster, route: $$"""[{"match":{"prefix":"/"},"route":{"cluster_name":"up"{{route}} } }]""");

    [GeneratedRegex("set-cookie: stay=([0-9a-f]{16})(.*?)\r\n", RegexOptions.IgnoreCase)]
    private static partial Regex Cookie();
}
