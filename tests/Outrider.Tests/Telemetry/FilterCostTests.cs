using System.Text.Json;
using Outrider.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Telemetry;

/// <summary>What each filter costs, by method: calls, time, waiting, errors and allocated bytes.</summary>
public sealed class FilterCostTests
{
    private const int Requests = 20;

    [Fact]
    public async Task Calls_waits_errors_and_bytes_are_counted_by_filter_and_method()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address],
            [Factory<AllocatingFilter>(), Factory<WaitingFilter>(), Factory<FailingFilter>()],
            listener: ",\"filter_costs\":true");
        for (int i = 0; i < Requests; i++)
        {
            string answer = await RawClient.ExchangeAsync(proxy.Port, $"POST /{(i < 5 ? "fail" : "")} HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc");
            Assert.StartsWith(i is < 5 or Requests - 1 ? "HTTP/1.1 500" : "HTTP/1.1 200", answer, StringComparison.Ordinal);
        }

        var costs = JsonDocument.Parse(await AdminAsync(proxy, "/api/v1/filter_costs")).RootElement.EnumerateArray().ToDictionary(filter => filter.GetProperty("filter").GetString()!, filter => filter.GetProperty("phases"));
        var allocating = costs["f0"].GetProperty("decode_headers");
        Assert.Equal(Requests, allocating.GetProperty("calls").GetInt32());
        Assert.InRange(allocating.GetProperty("allocated_bytes").GetInt64(), Requests * 1000, Requests * 1100);
        Assert.True(allocating.GetProperty("microseconds").GetDouble() > 0);
        Assert.Equal(0, allocating.GetProperty("waiting_microseconds").GetDouble());
        // It has overridden nothing else.
        Assert.Single(costs["f0"].EnumerateObject());
        var waiting = costs["f1"].GetProperty("decode_headers");
        Assert.Equal(Requests, waiting.GetProperty("calls").GetInt32());
        // It waits for 2 ms each time, by a clock that may be coarse.
        Assert.True(waiting.GetProperty("waiting_microseconds").GetDouble() > Requests * 1000, waiting.ToString());
        Assert.Equal(0, waiting.GetProperty("errors").GetInt32());
        Assert.Equal((Requests, 5), (costs["f2"].GetProperty("decode_headers").GetProperty("calls").GetInt32(), costs["f2"].GetProperty("decode_headers").GetProperty("errors").GetInt32()));
        // The whole request of those that did not fail; one that fails in the end, after a wait, is an error as well.
        Assert.Equal((Requests - 5, 1), (costs["f2"].GetProperty("decode_request").GetProperty("calls").GetInt32(), costs["f2"].GetProperty("decode_request").GetProperty("errors").GetInt32()));
        Assert.True(costs["f2"].GetProperty("encode_headers").GetProperty("calls").GetInt32() >= Requests - 6);
        string metrics = await AdminAsync(proxy, "/metrics");
        Assert.Contains($"outrider_stream_filter_calls_total{{listener=\"test\",filter=\"f1\",phase=\"decode_headers\"}} {Requests}\n", metrics.Replace("\"l\"", "\"test\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("outrider_stream_filter_errors_total", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_measured_where_nobody_wants_it()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [Factory<AllocatingFilter>()]);
        Assert.StartsWith("HTTP/1.1 200", await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal("[]", (await AdminAsync(proxy, "/api/v1/filter_costs")).Trim());
        Assert.DoesNotContain("outrider_stream_filter_", await AdminAsync(proxy, "/metrics"), StringComparison.Ordinal);
    }

    private static StreamFilterFactory<T> Factory<T>() where T : StreamFilter, new() => new(() => new T());

    private static async Task<string> AdminAsync(TestProxy proxy, string path)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri($"http://{proxy.AdminEndPoint}{path}"));
    }

    private sealed class AllocatingFilter : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        {
            GC.KeepAlive(new byte[1000 - (2 * nint.Size) - sizeof(long)]);
            return FilterAction.Continue;
        }
    }

    private sealed class WaitingFilter : StreamFilter
    {
        public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        {
            await Task.Delay(2);
            return FilterAction.Continue;
        }
    }

    private sealed class FailingFilter : StreamFilter
    {
        private static int s_last;

        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
            => headers.Path.SequenceEqual("/fail"u8) ? throw new InvalidOperationException("meant") : FilterAction.WaitAllData;

        public override async ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer? body, HeaderMap? trailers)
        {
            await Task.Yield();
            return Interlocked.Increment(ref s_last) == Requests - 5 ? throw new InvalidOperationException("at last") : FilterAction.Continue;
        }

        public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream) => FilterAction.Continue;
    }
}
