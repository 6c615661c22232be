using System.Globalization;
using Outrider.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Filters;

/// <summary>MOSN's control variables, set by a filter, do what they say; and numbers of connections and of traces have values.</summary>
public sealed class ControlVariableTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    private sealed class Setter(IReadOnlyList<(string Name, object Value)> variables) : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        {
            foreach (var (name, value) in variables)
            {
                Stream.SetVariable(name, value);
            }

            return FilterAction.Continue;
        }
    }

    private sealed class Factory(StreamFilterMethods methods, Func<StreamFilter> make) : IStreamFilterFactory
    {
        public ReceiverPhase Phase => ReceiverPhase.BeforeRoute;

        public StreamFilterMethods Methods => methods;

        public StreamFilter CreateFilter() => make();
    }

    // Tells in the response what variables are.
    private sealed class Teller(IReadOnlyList<string> names) : StreamFilter
    {
        public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
        {
            foreach (string name in names)
            {
                headers.Set("v-" + name.Replace('_', '-'), Stream.GetVariable(name) as string ?? "none");
            }

            return FilterAction.Continue;
        }
    }

    [Theory]
    [InlineData("off", false)]
    [InlineData("on", true)]
    [InlineData(null, true)]
    public async Task A_response_is_compressed_unless_a_filter_switches_that_off(string? value, bool isCompressed)
    {
        using var host = RawUpstream.Answering($"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5000\r\n\r\n{new string('a', 5000)}");
        var registry = new StreamFilterRegistry();
        Outrider.StockFilters.StockFilterSet.Register(registry);
        var gzip = registry.Find("gzip")!(new FilterConfiguration("gzip", """{"content_length":20,"content_types":["text/*"]}"""u8.ToArray(), "/"));
        await using var proxy = await TestProxy.StartAsync([host.Address], value is null ? [gzip] : [Setting(("proxy_gzip_switch", value)), gzip]);

        string answer = await proxy.SendAsync("GET / HTTP/1.1\r\nhost: a\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal(isCompressed, answer.Contains("content-encoding: gzip", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(!isCompressed, answer.EndsWith(new string('a', 5000), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("proxy_global_timeout", "50")]
    [InlineData("proxy_global_timeout", 50)]
    [InlineData("proxy_global_timeout", 50L)]
    public async Task The_time_for_all_tries_is_the_filters(string name, object value)
    {
        using var host = Silent();
        await using var proxy = await TestProxy.StartAsync([host.Address], [Setting((name, value))]);

        Assert.StartsWith("HTTP/1.1 504", await AskAsync(proxy), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 1)]
    [InlineData("true", 1)]
    [InlineData("nonsense", 3)]
    public async Task Tries_are_switched_off(object disables, int expected)
    {
        int asked = 0;
        using var host = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                _ = Interlocked.Increment(ref asked);
                await connection.SendAsync("HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n");
            }
        });
        await using var proxy = await TestProxy.StartAsync(
            [host.Address], [Setting(("proxy_disable_retry", disables))],
            route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","retry_policy":{"retry_on":true,"num_retries":2} } }]""");

        Assert.StartsWith("HTTP/1.1 503", await AskAsync(proxy), StringComparison.Ordinal);
        Assert.Equal(expected, asked);
    }

    [Fact]
    public async Task Each_try_has_the_filters_time()
    {
        using var host = new RawUpstream(async (connection, number) =>
        {
            // The first never answers.
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                if (number > 1)
                {
                    await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
                }
            }
        });
        await using var proxy = await TestProxy.StartAsync(
            [host.Address], [Setting(("proxy_try_timeout", "3000"))],
            route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","retry_policy":{"retry_on":true,"num_retries":1} } }]""");

        Assert.StartsWith("HTTP/1.1 200", await AskAsync(proxy), StringComparison.Ordinal);
        Assert.Equal(2, host.Connections);
    }

    [Theory]
    [InlineData("418", 418)]
    [InlineData(418, 418)]
    [InlineData("99", 502)]
    public async Task What_the_proxy_answers_itself_has_the_filters_status(object value, int status)
    {
        using var host = new RawUpstream(async (connection, number) => _ = await connection.ReadRequestAsync());
        await using var proxy = await TestProxy.StartAsync([host.Address], [Setting(("proxy_hijack_status", value)), Telling("proxy_direct_response")], route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up"} }]""");

        string answer = await AskAsync(proxy, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("v-proxy-direct-response: isDirectResponse", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_have_numbers_of_their_own_and_requests_a_trace()
    {
        using var host = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([host.Address], [Telling("connection_id", "upstream_connection_id", "trace_id", "proxy_direct_response")]);
        using var one = await RawClient.ConnectAsync(proxy.Port);
        using var other = await RawClient.ConnectAsync(proxy.Port);

        var first = await NumbersAsync(one, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        var second = await NumbersAsync(one, "b3: 80f198ee56343ba8-e457b5a2e4d86bd1-1");
        var third = await NumbersAsync(other, "x-request-id: r-1");

        Assert.Equal(first.Connection, second.Connection);
        Assert.NotEqual(first.Connection, third.Connection);
        // The host's connection is the pool's, and serves both clients.
        Assert.Equal((first.Upstream, first.Upstream), (second.Upstream, third.Upstream));
        Assert.Equal(3, new[] { first.Connection, third.Connection, first.Upstream }.Distinct().Count());
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "80f198ee56343ba8", "r-1"), (first.Trace, second.Trace, third.Trace));
    }

    private static async Task<(long Connection, long Upstream, string Trace)> NumbersAsync(RawClient client, string header)
    {
        await client.SendAsync($"GET / HTTP/1.1\r\nhost: a\r\n{header}\r\n\r\n");
        var fields = (await client.ReadResponseAsync()).Split("\r\n").Where(line => line.StartsWith("v-", StringComparison.Ordinal)).ToDictionary(line => line.Split(": ")[0], line => line.Split(": ")[1]);
        Assert.Equal("none", fields["v-proxy-direct-response"]);
        return (long.Parse(fields["v-connection-id"], CultureInfo.InvariantCulture), long.Parse(fields["v-upstream-connection-id"], CultureInfo.InvariantCulture), fields["v-trace-id"]);
    }

    private static Factory Setting(params (string, object)[] variables) => new(StreamFilterMethods.DecodeHeaders, () => new Setter(variables));

    private static Factory Telling(params string[] names) => new(StreamFilterMethods.EncodeHeaders, () => new Teller(names));

    private static RawUpstream Silent() => new(async (connection, number) =>
    {
        _ = await connection.ReadRequestAsync();
        _ = await connection.ReadAsync();
    });

    private static async Task<string> AskAsync(TestProxy proxy, string request = Get)
    {
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(request);
        return await client.ReadUntilAsync(text => text.Contains("\r\n\r\n", StringComparison.Ordinal));
    }
}
