using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Proxying;

/// <summary>What a route tries again, how often, and how long a request may take.</summary>
public sealed class RetryConditionTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody";

    [Theory]
    [InlineData("5xx", 500, true)]
    [InlineData("5xx", 404, false)]
    [InlineData("gateway-error", 502, true)]
    [InlineData("gateway-error", 504, true)]
    [InlineData("gateway-error", 500, false)]
    [InlineData("retriable-4xx", 409, true)]
    [InlineData("retriable-4xx", 408, false)]
    [InlineData("reset", 503, false)]
    [InlineData("connect-failure", 503, false)]
    [InlineData("retriable-status-codes", 418, true)]
    [InlineData("retriable-status-codes", 500, false)]
    [InlineData("gateway-error,retriable-4xx", 409, true)]
    public async Task A_status_is_tried_again_that_the_words_mean(string words, int status, bool retries)
    {
        using var upstream = Failing($"HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n", out var asked);
        await using var proxy = await StartAsync(upstream.Address, $$"""{"retry_on":"{{words}}","num_retries":1{{(words == "retriable-status-codes" ? ",\"retriable_status_codes\":[418]" : "")}} }""");
        Assert.Equal(retries ? 200 : status, StatusOf(await proxy.SendAsync(Get)));
        Assert.Equal(retries ? 2 : 1, asked());
    }

    [Theory]
    [InlineData("retriable-headers", "HTTP/1.1 200 OK\r\nx-again: please", true)]
    [InlineData("retriable-headers", "HTTP/1.1 200 OK\r\nx-again: no", false)]
    [InlineData("retriable-headers", "HTTP/1.1 200 OK\r\nx-begin: abcdef", true)]
    [InlineData("retriable-headers", "HTTP/1.1 200 OK\r\nx-begin: babc", false)]
    [InlineData("retriable-headers", "HTTP/1.1 200 OK\r\nx-number: 42", true)]
    [InlineData("retriable-headers", "HTTP/1.1 200 OK\r\nx-number: 4x2", false)]
    [InlineData("retriable-headers", "HTTP/1.1 200 OK\r\nx-there: anything", true)]
    [InlineData("retriable-headers", "HTTP/1.1 200 OK\r\nx-not: b", true)]
    [InlineData("retriable-headers", "HTTP/1.1 200 OK\r\nx-not: a", false)]
    [InlineData("retriable-headers", "HTTP/1.1 503 No", false)]
    [InlineData("5xx", "HTTP/1.1 200 OK\r\nx-again: please", false)]
    [InlineData("5xx", "HTTP/1.1 503 No\r\nx-envoy-ratelimited: true", false)]
    [InlineData("5xx,envoy-ratelimited", "HTTP/1.1 503 No\r\nx-envoy-ratelimited: true", true)]
    [InlineData("envoy-ratelimited", "HTTP/1.1 429 No\r\nx-envoy-ratelimited: true", true)]
    [InlineData("envoy-ratelimited", "HTTP/1.1 429 No", false)]
    [InlineData("http3-post-connect-failure", "HTTP/1.1 503 No", false)]
    public async Task An_answer_is_tried_again_for_the_headers_that_the_words_mean(string words, string head, bool retries)
    {
        using var upstream = Failing(head + "\r\ncontent-length: 0\r\n\r\n", out var asked);
        await using var proxy = await StartAsync(
            upstream.Address,
            "{\"retry_on\":\"" + words + """
                ","num_retries":1,"retriable_headers":[{"name":"X-Again","exact_match":"please"},{"name":"x-begin","string_match":{"prefix":"ABC","ignore_case":true}},
                {"name":"x-number","safe_regex_match":{"google_re2":{},"regex":"[0-9]+"}},{"name":"x-there","present_match":true},{"name":"x-not","suffix_match":"a","invert_match":true}]}
                """);
        _ = await proxy.SendAsync(Get);
        Assert.Equal(retries ? 2 : 1, asked());
    }

    [Fact]
    public async Task With_true_an_answer_over_a_limit_is_as_any_other()
    {
        using var upstream = Failing("HTTP/1.1 503 No\r\nx-envoy-ratelimited: true\r\ncontent-length: 0\r\n\r\n", out var asked);
        await using var proxy = await StartAsync(upstream.Address, """{"retry_on":true,"num_retries":1}""");
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));
        Assert.Equal(2, asked());
    }

    [Theory]
    [InlineData("5xx", true)]
    [InlineData("gateway-error", true)]
    [InlineData("reset", true)]
    [InlineData("connect-failure", false)]
    [InlineData("retriable-4xx", false)]
    public async Task What_breaks_is_tried_again_that_the_words_mean(string words, bool retries)
    {
        using var upstream = Failing(null, out var asked);
        await using var proxy = await StartAsync(upstream.Address, $$"""{"retry_on":"{{words}}","num_retries":1}""");
        Assert.Equal(retries ? 200 : 502, StatusOf(await proxy.SendAsync(Get)));
        Assert.Equal(retries ? 2 : 1, asked());
    }

    [Theory]
    [InlineData("", 502, 1)]
    [InlineData(",\"retry_non_idempotent\":true", 200, 2)]
    public async Task A_POST_of_which_a_byte_went_out_is_repeated_only_where_the_route_says_so(string more, int status, int expected)
    {
        using var upstream = Failing(null, out var asked);
        await using var proxy = await StartAsync(upstream.Address, $$"""{"retry_on":true,"num_retries":1{{more}} }""");
        Assert.Equal(status, StatusOf(await proxy.SendAsync(Post)));
        Assert.Equal(expected, asked());
    }

    [Fact]
    public async Task Where_no_connection_can_be_made_the_same_host_is_tried_again_if_the_words_say_so()
    {
        foreach (var (words, tries) in ((string, int)[])[("connect-failure", 3), ("5xx", 3), ("gateway-error", 3), ("reset", 3), ("retriable-4xx", 1)])
        {
            await using var proxy = await StartAsync("127.0.0.1:1", $$"""{"retry_on":"{{words}}","num_retries":2,"retry_back_off":{"base_interval":"1ms"} }""");
            Assert.Equal(502, StatusOf(await proxy.SendAsync(Get)));
            Assert.Equal(tries, proxy.Server.Clusters.Find("up")!.Hosts[0].ConnectFailures);
        }
    }

    [Theory]
    [InlineData(100, 2)]
    [InlineData(99, 1)]
    public async Task A_body_is_kept_for_another_try_up_to_the_limit(int limit, int expected)
    {
        using var upstream = Failing("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", out var asked);
        await using var proxy = await StartAsync(upstream.Address, $$"""{"retry_on":true,"num_retries":1,"per_request_buffer_limit_bytes":{{limit}} }""");

        // It reaches the host once it is all there, so that the try is one of a request that has ended.
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync("PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n");
        await Eventually.HoldsAsync(() => upstream.Connections == 1);
        await client.SendAsync(new string('x', 100));
        Assert.StartsWith(expected == 2 ? "HTTP/1.1 200" : "HTTP/1.1 503", (await new WireReader(client.Socket).ReadMessageAsync()).Head, StringComparison.Ordinal);
        Assert.Equal(expected, asked());
    }

    [Fact]
    public async Task Each_try_has_its_own_time_the_last_one_too()
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while ((await connection.ReadAsync()).Length > 0)
            {
            }
        });
        await using var proxy = await StartAsync(upstream.Address, """{"retry_on":true,"num_retries":1,"retry_timeout":"50ms"}""");
        Assert.Equal(504, StatusOf(await proxy.SendAsync(Get).SoonAsync()));
        Assert.Equal(1, proxy.Stats.Retries);
        // A host may learn of a connection when it is over.
        await Eventually.HoldsAsync(() => upstream.Connections == 2);
    }

    [Theory]
    [InlineData("x-mosn-global-timeout: 100", 1)]
    [InlineData("x-mosn-try-timeout: 100", 2)]
    [InlineData("x-mosn-try-timeout: 5000\r\nx-mosn-global-timeout: 100", 1)]
    public async Task A_client_may_ask_for_less_time_than_the_route_gives(string fields, int tries)
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while ((await connection.ReadAsync()).Length > 0)
            {
            }
        });
        await using var proxy = await StartAsync(upstream.Address, """{"retry_on":true,"num_retries":1}""");
        Assert.Equal(504, StatusOf(await proxy.SendAsync($"GET / HTTP/1.1\r\nhost: a\r\n{fields}\r\n\r\n").SoonAsync()));
        Assert.Equal(tries - 1, proxy.Stats.Retries);
        // A host may learn of a connection when it is over.
        await Eventually.HoldsAsync(() => upstream.Connections == tries);
    }

    [Fact]
    public async Task But_not_for_more()
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while ((await connection.ReadAsync()).Length > 0)
            {
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"100ms"} }]""");
        Assert.Equal(504, StatusOf(await proxy.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nx-mosn-global-timeout: 3600000\r\n\r\n").SoonAsync()));
    }

    [Theory]
    [InlineData("\"200ms\"", false)]
    [InlineData("{\"max_stream_duration\":\"200ms\"}", false)]
    [InlineData("\"2s\"", true)]
    public async Task The_whole_response_can_be_given_a_time(string duration, bool hasHead)
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            if (hasHead)
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            }

            while (true)
            {
                await Task.Delay(20);
                if (hasHead)
                {
                    await connection.SendAsync("1\r\nx\r\n");
                }
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], route: $$"""[{"match":{"prefix":"/"},"route":{"cluster_name":"up","max_stream_duration":{{duration}} } }]""");
        string answer = await proxy.SendAsync(Get).SoonAsync();
        Assert.Equal(hasHead ? 200 : 504, StatusOf(answer));
        Assert.DoesNotContain("0\r\n\r\n", hasHead ? answer : "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"retry_on":"5xx,sometimes"}""", "retry_on", "wanted true, false, or some of 5xx, gateway-error, reset")]
    [InlineData("""{"retry_on":true,"retry_back_off":{"base_interval":5}}""", "retry_back_off.base_interval", "a duration")]
    [InlineData("""{"retry_on":true,"per_request_buffer_limit_bytes":-1}""", "per_request_buffer_limit_bytes", "from 0 to 16777216")]
    [InlineData("""{"retry_on":true,"retry_non_idempotent":1}""", "retry_non_idempotent", "true or false")]
    [InlineData("""{"retry_on":true,"retriable_status_codes":[600]}""", "retriable_status_codes[0]", "from 100 to 599")]
    [InlineData("""{"retry_on":"retriable-headers","retriable_headers":[{"name":"x","safe_regex_match":{"regex":"("}}]}""", "retriable_headers[0].safe_regex_match.regex", "not a valid regular expression")]
    [InlineData("""{"retry_on":"retriable-headers","retriable_headers":[{"name":"x","exact_match":"a","prefix_match":"b"}]}""", "retriable_headers[0]", "wants one match")]
    public void What_is_wrong_is_an_error_with_its_path(string policy, string path, string message)
    {
        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(
            $$"""
            {"servers":[{"listeners":[],"routers":[{"router_config_name":"r","virtual_hosts":[{"name":"a","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up","retry_policy":{{policy}} } }]}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"127.0.0.1:1"}]}]} }
            """), "test.json")).Problems);
        Assert.Equal("servers[0].routers[0].virtual_hosts[0].routers[0].route.retry_policy." + path, problem.JsonPath);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    // The first request fails, those after are served. Without an answer it fails by a reset after all of it came.
    private static RawUpstream Failing(string? answer, out Func<int> asked)
    {
        int count = 0;
        asked = () => Volatile.Read(ref count);
        return new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                if (Interlocked.Increment(ref count) > 1)
                {
                    await connection.SendAsync(Response("ok"));
                }
                else if (answer is not null)
                {
                    await connection.SendAsync(answer);
                }
                else
                {
                    connection.Reset();
                    return;
                }
            }
        });
    }

    private static Task<TestProxy> StartAsync(string host, string policy) => TestProxy.StartAsync(
        [host], route: $$"""[{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"30s","retry_policy":{{policy}} } }]""");
}
