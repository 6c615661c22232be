using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Server;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>What routes and virtual hosts configure of their own for filters: <c>per_filter_config</c>.</summary>
public sealed class RouteConfigurationTests
{
    private const string Routes = """
        {"match":{"path":"/own"},"direct_response":{"status":200},"per_filter_config":{"say":{"Word":"route"}}},
        {"match":{"path":"/other"},"direct_response":{"status":200},"per_filter_config":{"other":{"Word":"x"}}},
        {"match":{"prefix":"/"},"direct_response":{"status":200}}
        """;

    private readonly ConcurrentQueue<Word> _words = new();

    [Fact]
    public async Task The_routes_configuration_wins_over_the_virtual_hosts_and_that_over_the_filters()
    {
        await using var proxy = await StartAsync(Json(Routes, """, "per_filter_config":{"say":{"Word":"host"}}"""));

        Assert.Equal("route", await SaidAsync(proxy, "/own"));
        Assert.Equal("host", await SaidAsync(proxy, "/"));
        Assert.Equal("host", await SaidAsync(proxy, "/other"));

        await using var without = await StartAsync(Json(Routes));
        Assert.Equal("filter", await SaidAsync(without, "/"));
        Assert.Equal("filter", await SaidAsync(without, "/other"));
        Assert.Equal("route", await SaidAsync(without, "/own"));
    }

    [Fact]
    public async Task Each_filter_sees_its_own_and_all_streams_of_a_route_the_same_object()
    {
        await using var proxy = await StartAsync(Json("""{"match":{"prefix":"/"},"direct_response":{"status":200},"per_filter_config":{"say":{"Word":"a"},"other":{"Word":"b"}}}"""));

        for (int i = 0; i < 3; i++)
        {
            string response = await proxy.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            Assert.Contains("say: a\r\n", response, StringComparison.Ordinal);
            Assert.Contains("other: b\r\n", response, StringComparison.Ordinal);
        }

        // The two filters' own, and one of the route for each.
        Assert.Equal(4, _words.Count);
    }

    [Fact]
    public async Task There_is_none_before_the_route_and_another_one_when_it_is_matched_again()
    {
        var seen = new ConcurrentQueue<string?>();
        var registry = Registry();
        registry.Add("look", Read, word => new LookFilter(seen));
        const string Again = """
            {"match":{"headers":[{"name":"again","value":"yes"}]},"direct_response":{"status":200},"per_filter_config":{"look":{"Word":"second"},"again":{"Word":"x"}}},
            {"match":{"prefix":"/"},"direct_response":{"status":200},"per_filter_config":{"look":{"Word":"first"}}}
            """;
        registry.Add("again", Read, word => new AgainFilter(seen), ReceiverPhase.AfterRoute);
        string json = Json(Again).Replace("\"stream_filters\":[", "\"stream_filters\":[{\"type\":\"look\"},{\"type\":\"again\"},", StringComparison.Ordinal);
        await using var proxy = await TestProxy.StartJsonAsync(json, registry);

        _ = await proxy.SendAsync(Get);

        // Before the route, after it for a filter that this route has nothing for, and with the response.
        Assert.Equal([null, null, "second"], seen);
    }

    [Theory]
    [InlineData("""{"say":{"Word":5}}""", "per_filter_config.say.Word", "could not be converted")]
    [InlineData("""{"say":{"Word":""}}""", "per_filter_config.say.Word", "a word is needed")]
    [InlineData("""{"say":"text"}""", "per_filter_config.say", "wanted an object")]
    [InlineData("""{"sya":{}}""", "per_filter_config.sya", "no listener that uses this router has a stream filter named 'sya'")]
    [InlineData("""{"bare":{}}""", "per_filter_config.bare", "the stream filter 'bare' takes no configuration of a route")]
    [InlineData("[]", "per_filter_config", "wanted an object")]
    public async Task What_is_wrong_with_it_is_an_error_with_file_line_and_path(string filters, string path, string message)
    {
        foreach (bool ofRoute in new[] { true, false })
        {
            string own = $"\n, \"per_filter_config\":{filters}";
            string json = ofRoute
                ? Json($$"""{"match":{"prefix":"/"},"direct_response":{"status":200}{{own}}}""")
                : Json(Routes, own);
            var problem = Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync(json))).Problems, p => p.Message.Contains(message, StringComparison.Ordinal));
            Assert.Equal("servers[0].routers[0].virtual_hosts[0]." + (ofRoute ? "routers[0]." : "") + path, problem.JsonPath);
            Assert.StartsWith("test.json:", problem.ToString(), StringComparison.Ordinal);
            int line = json[..json.IndexOf("\"per_filter_config\":" + filters, StringComparison.Ordinal)].Count(c => c == '\n') + 1;
            Assert.Equal(line, problem.Line);
        }

        // What was made before the mistake was found is let go of.
        Assert.All(_words, word => Assert.Equal(1, word.Disposals));
    }

    [Fact]
    public async Task A_filter_that_exists_and_is_not_in_the_chain_is_a_warning()
    {
        var warnings = new List<string>();
        var configuration = Parse(Json(Routes.Replace("\"other\"", "\"absent\"", StringComparison.Ordinal)));

        await ProxyServer.CheckAsync(configuration, Registry(), warn: warnings.Add);

        string warning = Assert.Single(warnings);
        Assert.Contains("routers[1].per_filter_config.absent: no listener that uses this router has a stream filter named 'absent'; ignored", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_reload_it_is_disposed_once_when_the_last_stream_that_uses_it_has_ended()
    {
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await go.Task;
            await connection.SendAsync(Response("ok"));
        });
        string Route(string word) => $$$$"""{"match":{"prefix":"/"},"route":{"cluster_name":"up"},"per_filter_config":{"say":{"Word":"{{{{word}}}}"}}}""";
        await using (var proxy = await StartAsync(Json(Route("old"), host: upstream.Address)))
        {
            using var client = await RawClient.ConnectAsync(proxy.Port);
            await client.SendAsync(Get);
            await Eventually.HoldsAsync(() => upstream.Received.Length > 0);
            var old = _words.Single(word => word.Text == "old");

            await proxy.Server.ReloadAsync(Parse(Json(Route("new"), host: upstream.Address)));

            Assert.Equal(0, old.Disposals);
            go.SetResult();
            Assert.Contains("say: old\r\n", await client.ReadResponseAsync(), StringComparison.Ordinal);
            await Eventually.HoldsAsync(() => old.Disposals == 1);
            Assert.Equal("new", await SaidAsync(proxy, "/"));
            Assert.Equal(0, _words.Single(word => word.Text == "new").Disposals);

            // A reload that fails leaves what is in force alone, and nothing of itself behind.
            await Assert.ThrowsAsync<ConfigurationException>(() => proxy.Server.ReloadAsync(Parse(Json(Route("bad") + "," + Route("")))));
            Assert.Equal("new", await SaidAsync(proxy, "/"));
            Assert.Equal(1, _words.Single(word => word.Text == "bad").Disposals);
        }

        Assert.All(_words, word => Assert.Equal(1, word.Disposals));
    }

    [Fact]
    public async Task Two_listeners_share_a_router_and_each_reads_what_is_for_its_filters()
    {
        string json = Json("""{"match":{"prefix":"/"},"direct_response":{"status":200},"per_filter_config":{"say":{"Word":"a"},"absent":{"Word":"b"}}}""")
            .Replace("\"listeners\":[", """
                "listeners":[{"name":"second","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}],"stream_filters":[{"type":"absent"}]},
                """, StringComparison.Ordinal);
        await using var proxy = await StartAsync(json);

        int second = ((System.Net.IPEndPoint)proxy.Server.Listeners.Single(l => l.Snapshot.Configuration.Name == "second").EndPoint).Port;
        string response = await RawClient.ExchangeAsync(second, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        Assert.Contains("absent: b\r\n", response, StringComparison.Ordinal);
        Assert.DoesNotContain("say:", response, StringComparison.Ordinal);
    }

    private static async Task<string> SaidAsync(TestProxy proxy, string path)
    {
        int port = ((System.Net.IPEndPoint)proxy.Server.Listeners.Single().EndPoint).Port;
        string response = await RawClient.ExchangeAsync(port, $"GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        return response.Split("\r\n").Single(line => line.StartsWith("say: ", StringComparison.Ordinal))[5..];
    }

    private static string Json(string routes, string virtualHost = "", string host = "127.0.0.1:1") => $$$$"""
        {"servers":[{"default_log_path":"/dev/null","graceful_timeout":"5s","processor":1,
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{{{{routes}}}}]{{{{virtualHost}}}}}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}],
        "stream_filters":[{"type":"say","config":{"Word":"filter"}},{"type":"other","config":{"Word":"filter"}},{"type":"bare"}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{{{host}}}}"}]}]}}
        """;

    private static ProxyConfiguration Parse(string json) => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration;

    private Task<TestProxy> StartAsync(string json) => TestProxy.StartJsonAsync(json, Registry());

    private StreamFilterRegistry Registry()
    {
        var registry = new StreamFilterRegistry();
        foreach (string name in new[] { "say", "other", "absent" })
        {
            registry.Add(name, Read, word => new SayFilter(name, word));
        }

        registry.Add("bare", static _ => new StreamFilterFactory<BareFilter>(static () => new BareFilter()));
        return registry;
    }

    private Word Read(FilterConfiguration configuration)
    {
        var word = (Word)configuration.Read(JsonSerializerOptions.Default.GetTypeInfo(typeof(Word)));
        _words.Enqueue(word);
        return word;
    }

    internal sealed class Word : IValidatable, IDisposable
    {
        private int _disposals;

        [System.Text.Json.Serialization.JsonPropertyName("Word")]
        public string Text { get; set; } = "default";

        internal int Disposals => Volatile.Read(ref _disposals);

        public void Validate()
        {
            if (Text.Length == 0)
            {
                throw new FilterConfigurationException("$.Word", "a word is needed");
            }
        }

        public void Dispose() => Interlocked.Increment(ref _disposals);
    }

    private sealed class SayFilter(string name, Word word) : StreamFilter
    {
        public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
        {
            headers.Set(name, Stream.ConfigurationOr(word).Text);
            return FilterAction.Continue;
        }

        public override bool TryReset() => true;
    }

    private sealed class BareFilter : StreamFilter;

    private sealed class LookFilter(ConcurrentQueue<string?> seen) : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        {
            seen.Enqueue((Stream.RouteConfiguration as Word)?.Text);
            return FilterAction.Continue;
        }

        public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream) => DecodeHeadersAsync(null!, endStream);
    }

    private sealed class AgainFilter(ConcurrentQueue<string?> seen) : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        {
            seen.Enqueue((Stream.RouteConfiguration as Word)?.Text);
            headers.Set("again"u8, "yes"u8);
            return FilterAction.ReMatchRoute;
        }
    }
}
