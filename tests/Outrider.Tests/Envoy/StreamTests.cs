using System.Diagnostics;
using System.Net;
using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>What a filter does to a stream inside a stock Envoy.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class StreamTests(EnvoyModules modules)
{
    private const string TestFilters = "tests/modules/test-filters";

    [EnvoyFact]
    public async Task An_await_frees_the_worker_and_comes_back_to_it()
    {
        using var upstream = new EchoUpstream();
        using var envoy = await StartAsync(upstream, "delay");

        var clock = Stopwatch.StartNew();
        var slow = Enumerable.Range(0, 100).Select(_ => envoy.SendAsync("/", ("x-delay", "3500"), ("x-delay-out", "1500"))).ToList();
        await Task.Delay(100);
        using var quick = await envoy.SendAsync("/");
        Assert.False(slow[0].IsCompleted);
        Assert.Equal(HttpStatusCode.OK, quick.StatusCode);
        foreach (var response in await Task.WhenAll(slow))
        {
            Assert.Equal("yes", response.Headers.GetValues("x-waited-out").Single());
            Assert.Contains("x-waited: same-thread", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // One after another they would take 500 s. A timer may fire a little early.
        Assert.InRange(clock.ElapsedMilliseconds, 4_900, 250_000);
    }

    [EnvoyFact]
    public async Task A_filter_that_has_waited_may_still_want_the_whole_message()
    {
        using var upstream = new EchoUpstream();
        using var envoy = await StartAsync(upstream, "delay");

        foreach (int length in new[] { 0, 5, 200_000 })
        {
            using var response = await envoy.SendAsync(HttpMethod.Post, "/", new StringContent(new string('a', length)), ("x-delay", "50"), ("x-collect", "1"));
            string echo = await response.Content.ReadAsStringAsync();
            Assert.EndsWith("\n\n" + new string('A', length) + "!", echo, StringComparison.Ordinal);
            Assert.Contains("x-waited: same-thread", echo, StringComparison.Ordinal);
        }
    }

    [EnvoyFact]
    public async Task A_body_that_is_larger_than_may_be_collected_is_answered_with_413()
    {
        using var upstream = new EchoUpstream();
        using var envoy = await StartAsync(upstream, "collect");

        // The filter sees that answer too, and makes a 203 of every one.
        using var response = await envoy.SendAsync(HttpMethod.Post, "/", new ByteArrayContent(new byte[3_000_000]));
        Assert.StartsWith("Payload Too Large", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var waited = await StartAsync(upstream, "delay");
        using var late = await waited.SendAsync(HttpMethod.Post, "/", new ByteArrayContent(new byte[3_000_000]), ("x-delay", "300"), ("x-collect", "1"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, late.StatusCode);
        Assert.Equal(0, upstream.Count);
    }

    [EnvoyFact]
    public async Task A_collected_body_can_be_replaced_and_its_length_follows()
    {
        using var upstream = new EchoUpstream();
        using var envoy = await StartAsync(upstream, "collect");

        using var response = await envoy.SendAsync(HttpMethod.Post, "/", new StringContent("hello"));
        Assert.Equal(203, (int)response.StatusCode);
        string text = await response.Content.ReadAsStringAsync();
        Assert.Contains("content-length: 11\n", text, StringComparison.Ordinal);
        Assert.Contains("\n\nhello<in 5><out ", text, StringComparison.Ordinal);
        Assert.Equal(text.Length, response.Content.Headers.ContentLength);
        Assert.Contains("\n\n<in 0><out ", await envoy.GetAsync("/"), StringComparison.Ordinal);

        string trailed = await RawClient.ExchangeAsync(envoy.Port, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nhello\r\n0\r\nx-t: 1\r\n\r\n");
        Assert.Contains("hello<in 5 +t>", trailed, StringComparison.Ordinal);
    }

    [EnvoyFact]
    public async Task Pieces_of_a_body_pass_a_filter_that_waits_over_them_in_order_and_whole()
    {
        using var upstream = new EchoUpstream();
        using var envoy = await StartAsync(upstream, "pieces");
        string body = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{i:x6} "));

        foreach (string pause in new[] { "0", "1", "20" })
        {
            foreach (bool chunked in new[] { false, true })
            {
                using var content = new StringContent(body);
                content.Headers.ContentLength = chunked ? null : body.Length;
                using var response = await envoy.SendAsync(HttpMethod.Post, "/", content, chunked ? [("x-pause", pause), ("transfer-encoding", "chunked")] : [("x-pause", pause)]);
                string echo = await response.Content.ReadAsStringAsync();
                Assert.EndsWith("\n\n" + body.ToUpperInvariant(), echo, StringComparison.Ordinal);
            }
        }
    }

    [EnvoyFact]
    public async Task Filters_one_behind_the_other_see_what_the_first_made_of_a_body()
    {
        using var upstream = new EchoUpstream();
        string module = await modules.PublishAsync(TestFilters);
        string[][] orders = [["collect", "pieces"], ["pieces", "collect"], ["delay", "pieces"], ["collect", "delay"], ["collect", "collect"]];
        foreach (var order in orders)
        {
            using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, order.Select((filter, i) => EnvoyYaml.Filter(module, filter, name: "f" + i)));
            foreach (string pause in new[] { "0", "10" })
            {
                using var response = await envoy.SendAsync(HttpMethod.Post, "/", new StringContent("hello"), ("x-pause", pause), ("x-delay", pause), ("x-collect", "1"));
                string echo = await response.Content.ReadAsStringAsync();
                Assert.True(echo.Contains("hello", StringComparison.OrdinalIgnoreCase), $"{string.Join(' ', order)}, {pause}: {response.StatusCode} {echo}; {envoy.Log}");
                if (order.Contains("pieces") || order.Contains("delay"))
                {
                    Assert.Contains("HELLO", echo, StringComparison.Ordinal);
                }
            }
        }
    }

    [EnvoyFact]
    public async Task What_a_filter_throws_is_a_500_for_that_stream_and_a_line_in_the_log()
    {
        using var upstream = new EchoUpstream();
        using var envoy = await StartAsync(upstream, "faulty");

        foreach (string where in new[] { "headers", "late", "data", "response", "wrong-thread" })
        {
            using var response = await envoy.SendAsync(HttpMethod.Post, "/", new StringContent("x"), ("x-fault", where));
            Assert.Equal(500, (int)response.StatusCode);
            Assert.Equal("internal error", await response.Content.ReadAsStringAsync());
        }

        foreach (string where in new[] { "log", "destroy", "void", "" })
        {
            using var response = await envoy.SendAsync("/", ("x-fault", where));
            Assert.Equal(200, (int)response.StatusCode);
        }

        await Assert.ThrowsAsync<HttpRequestException>(() => envoy.GetAsync("/", ("x-fault", "response-data")));
        await Assert.ThrowsAsync<HttpRequestException>(() => envoy.GetAsync("/", ("x-fault", "longer")));
        await Assert.ThrowsAsync<HttpRequestException>(() => envoy.GetAsync("/", ("x-fault", "terminate")));
        foreach (string where in new[] { "headers", "late", "data", "response", "log", "destroy" })
        {
            await LogsAsync($"filter 'faulty': System.InvalidTimeZoneException: thrown on purpose: {where}");
        }

        await LogsAsync("FaultyFilter.<DecodeHeadersAsync>");
        await LogsAsync("a stream is only to be touched on its own thread");
        await LogsAsync("thrown where nobody waits");
        await LogsAsync("content-length says");
        Assert.False(envoy.HasExited);

        Task LogsAsync(string text) => Eventually.HoldsAsync(() => envoy.Log.Contains(text, StringComparison.Ordinal), text);
    }

    [EnvoyFact]
    public async Task A_filter_knows_its_stream_and_what_others_said_of_it()
    {
        using var upstream = new EchoUpstream();
        string module = await modules.PublishAsync(TestFilters);
        string route = EnvoyYaml.RouteFilter(module, "tell", EnvoyYaml.Bytes("of the route"u8.ToArray()));
        using var envoy = await EnvoyProcess.StartAsync(
            modules,
            upstream.Port,
            [EnvoyYaml.Filter(module, "tell", EnvoyYaml.Text("hello"))],
            $"{{ name: other, match: {{ prefix: \"/\", headers: [ {{ name: x-route, string_match: {{ exact: other }} }} ] }}, route: {{ cluster: up }}, {route} }}, "
                + "{ name: teapot, match: { prefix: \"/teapot\" }, direct_response: { status: 418 } }, { name: refused, match: { prefix: \"/refused\" }, direct_response: { status: 402 } }, { name: main, match: { prefix: \"/\" }, route: { cluster: up } }");

        using var told = await envoy.SendAsync("/tell");
        string text = await told.Content.ReadAsStringAsync();
        Assert.Contains("method GET\nauthority 127.0.0.1:", text, StringComparison.Ordinal);
        Assert.Contains("scheme http\nprotocol HTTP/1.1\nremote 127.0.0.1:", text, StringComparison.Ordinal);
        Assert.Contains($"local 127.0.0.1:{envoy.Port}\nport {envoy.Port}\n", text, StringComparison.Ordinal);
        Assert.Equal("1", told.Headers.GetValues("x-own").Single());
        Assert.StartsWith("local=True ", told.Headers.GetValues("x-told").Single(), StringComparison.Ordinal);

        using var passed = await envoy.SendAsync("/x");
        Assert.Equal("local=False route=main cluster=up text=t number=7.5 flag=True state=state config=hello", passed.Headers.GetValues("x-told").Single());
        using var other = await envoy.SendAsync("/rematch");
        Assert.Contains("route=other", other.Headers.GetValues("x-told").Single(), StringComparison.Ordinal);
        Assert.Equal("of the route", other.Headers.GetValues("x-route-config").Single());

        Assert.StartsWith("up POST /asked\n", await envoy.GetAsync("/callout"), StringComparison.Ordinal);
        Assert.Equal("cluster 'none': the callout cannot start: there is no such cluster", await envoy.GetAsync("/failed-callout"));
        using var streamed = await envoy.SendAsync("/streamed");
        Assert.Equal(201, (int)streamed.StatusCode);
        Assert.Equal(string.Concat(Enumerable.Range(0, 100).Select(i => new string((char)('a' + (i % 26)), 50_000))), await streamed.Content.ReadAsStringAsync());

        Assert.Equal(402, (int)(await envoy.SendAsync("/refused")).StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => envoy.GetAsync("/teapot"));
        await Eventually.HoldsAsync(() => envoy.Log.Contains($"logged 200 /x 127.0.0.1:{upstream.Port} ", StringComparison.Ordinal));
    }

    [EnvoyFact]
    public async Task A_client_that_goes_away_cancels_what_its_filter_waits_for()
    {
        using var upstream = new EchoUpstream();
        string module = await modules.PublishAsync(TestFilters);
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [EnvoyYaml.Filter(module, "life", EnvoyYaml.Struct("{ version: v, max_delay_ms: 90000000 }"))]);

        using (var client = await RawClient.ConnectAsync(envoy.Port))
        {
            await client.SendAsync("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
            await EventuallyAsync(() => envoy.GetAsync("/life"), "filters=1 ");
        }

        await EventuallyAsync(() => envoy.GetAsync("/life"), "filters=0 configurations=1 disposed=0 cancelled=1 ");
    }

    [EnvoyFact]
    public async Task Metrics_of_a_filter_stand_among_those_of_Envoy()
    {
        using var upstream = new EchoUpstream();
        string module = await modules.PublishAsync(TestFilters);
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [EnvoyYaml.Filter(module, "life", EnvoyYaml.Struct("{ version: v7 }"))]);

        await envoy.GetAsync("/abc");
        await envoy.GetAsync("/abc");
        await Eventually.PassesAsync(async () =>
        {
            string stats = await envoy.AdminAsync("stats/prometheus?filter=life");
            Assert.Contains("life_requests{version=\"v7\"} 2", stats, StringComparison.Ordinal);
            Assert.Contains("life_live{} 0", stats, StringComparison.Ordinal);
        });
    }

    internal static async Task EventuallyAsync(Func<Task<string>> get, string start)
    {
        var clock = Stopwatch.StartNew();
        string last;
        while (!(last = await get()).StartsWith(start, StringComparison.OrdinalIgnoreCase))
        {
            Assert.True(clock.Elapsed < Eventually.Patience, $"wanted {start}, is still {last}");
            await Task.Delay(50);
        }
    }

    private async Task<EnvoyProcess> StartAsync(EchoUpstream upstream, params string[] filters)
    {
        string module = await modules.PublishAsync(TestFilters);
        return await EnvoyProcess.StartAsync(modules, upstream.Port, filters.Select((filter, i) => EnvoyYaml.Filter(module, filter, name: "f" + i)));
    }
}
