using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Nginx;

/// <summary>C# filters inside a stock nginx: the module that Envoy loads, with the same outcome but for what docs/nginx.md lists.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class FilterTests(EnvoyModules filters, NginxModule modules)
{
    private const string TestFilters = "tests/modules/test-filters";

    [NginxFact]
    public async Task Each_answer_in_each_phase_ends_its_request_alone()
    {
        using var upstream = new RawUpstream(PhaseTests.AnswerAsync);
        using var nginx = await StartAsync(upstream.Port, "location / { outrider_filter t phase; proxy_pass http://up; }");
        var wrong = new List<string>();
        foreach (string phase in PhaseTests.s_phases)
        {
            // nginx reads past trailers of requests, and past those of HTTP/1 upstreams.
            bool never = phase is "trailers" or "response-trailers", late = phase is "response-data";
            foreach (bool pause in new[] { false, true })
            {
                foreach (var (action, expected) in new[] { ("continue", "200"), ("reply", late ? "cut" : "203"), ("throw", late ? "cut" : "500"), ("terminate", "cut") })
                {
                    string seen = PhaseTests.Describe(await PhaseTests.ExchangeAsync(nginx.Port, phase, action, pause));
                    if (seen != (never ? "200" : expected))
                    {
                        wrong.Add($"{phase} {action}{(pause ? " later" : "")}: {seen}, not {expected}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong) + nginx.Log);
        await StreamTests.EventuallyAsync(() => nginx.GetAsync("/live"), "live=0 ");
        NoAlerts(nginx);
    }

    [NginxFact]
    public async Task Clients_that_go_away_in_each_phase_leave_nothing_behind()
    {
        using var upstream = new RawUpstream(PhaseTests.AnswerAsync);
        using var nginx = await StartAsync(upstream.Port, "location / { outrider_filter t phase; proxy_pass http://up; }");
        int worker = Assert.Single(nginx.Workers());
        var clients = Enumerable.Range(0, 8).Select(async seed =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 100; i++)
            {
                var request = Encoding.ASCII.GetBytes(PhaseTests.Request(PhaseTests.s_phases[random.Next(PhaseTests.s_phases.Length)], new[] { "continue", "reply", "throw", "terminate" }[random.Next(4)], random.Next(3) > 0));
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
                await socket.ConnectAsync(IPAddress.Loopback, nginx.Port);
                await socket.SendAsync(request.AsMemory(0, random.Next(2) == 0 ? request.Length : random.Next(request.Length)));
                await Task.Delay(random.Next(8));
            }
        });
        await Task.WhenAll(clients);

        await StreamTests.EventuallyAsync(() => nginx.GetAsync("/live"), "live=0 ");
        Assert.Equal([worker], nginx.Workers());
        NoAlerts(nginx);
    }

    [NginxFact]
    public async Task An_await_frees_the_worker_and_comes_back_to_it()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(upstream.Port, "location / { outrider_filter t delay; proxy_pass http://up; }");

        var slow = Enumerable.Range(0, 100).Select(_ => nginx.SendAsync("/", ("x-delay", "700"), ("x-delay-out", "300"))).ToList();
        using var quick = await nginx.SendAsync("/");
        Assert.False(slow[0].IsCompleted);
        foreach (var response in await Task.WhenAll(slow))
        {
            Assert.Equal("yes", response.Headers.GetValues("x-waited-out").Single());
            Assert.Contains("x-waited: same-thread", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [NginxFact]
    public async Task Whole_bodies_are_waited_for_replaced_and_limited()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(
            upstream.Port, "location / { outrider_filter t collect; proxy_pass http://up; } location /delay { outrider_filter t delay; proxy_pass http://up; }");

        using var response = await nginx.SendAsync(HttpMethod.Post, "/", new StringContent("hello"));
        Assert.Equal(203, (int)response.StatusCode);
        string text = await response.Content.ReadAsStringAsync();
        Assert.Contains("content-length: 11\n", text, StringComparison.Ordinal);
        Assert.Contains("\n\nhello<in 5><out ", text, StringComparison.Ordinal);
        Assert.Equal(text.Length, response.Content.Headers.ContentLength);
        Assert.Contains("\n\n<in 0><out ", await nginx.GetAsync("/"), StringComparison.Ordinal);

        foreach (int length in new[] { 0, 5, 200_000 })
        {
            using var waited = await nginx.SendAsync(HttpMethod.Post, "/delay", new StringContent(new string('a', length)), ("x-delay", "50"), ("x-collect", "1"));
            Assert.EndsWith("\n\n" + new string('A', length) + "!", await waited.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        foreach (string path in new[] { "/", "/delay" })
        {
            using var large = await nginx.SendAsync(HttpMethod.Post, path, new ByteArrayContent(new byte[3_000_000]), ("x-delay", "30"), ("x-collect", "1"));
            // The first filter sees that answer too, and makes a 203 of every one.
            Assert.Equal(path == "/" ? 203 : 413, (int)large.StatusCode);
            Assert.StartsWith(path == "/" ? "Payload Too Large<out" : "the body is larger", await large.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [NginxFact]
    public async Task Pieces_of_a_body_pass_a_filter_that_waits_over_them_in_order_and_whole()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(
            upstream.Port,
            """
            outrider_filter t pieces;
            location / { proxy_pass http://up; }
            location /unbuffered { proxy_request_buffering off; proxy_buffering off; proxy_pass http://up; }
            """);
        string body = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{i:x6} "));
        foreach (string path in new[] { "/", "/unbuffered" })
        {
            foreach (string pause in new[] { "0", "1", "20" })
            {
                foreach (bool chunked in new[] { false, true })
                {
                    using var content = new StringContent(body);
                    content.Headers.ContentLength = chunked ? null : body.Length;
                    using var response = await nginx.SendAsync(HttpMethod.Post, path, content, chunked ? [("x-pause", pause), ("transfer-encoding", "chunked")] : [("x-pause", pause)]);
                    string echo = await response.Content.ReadAsStringAsync();
                    Assert.True(echo.EndsWith("\n\n" + body.ToUpperInvariant(), StringComparison.Ordinal), $"{path} {pause} {chunked}: {echo.Length}");
                }
            }
        }

        NoAlerts(nginx);
    }

    [NginxFact]
    public async Task Filters_one_behind_the_other_see_what_the_first_made_of_a_body()
    {
        using var upstream = new EchoUpstream();
        string[][] orders = [["collect", "pieces"], ["pieces", "collect"], ["delay", "pieces"], ["collect", "delay"], ["collect", "collect"]];
        string locations = string.Concat(orders.Select((order, i) => $"location /{i} {{ {string.Concat(order.Select((filter, k) => $"outrider_filter t{k} {filter}; "))} proxy_pass http://up; }}\n"));
        using var nginx = await StartAsync(upstream.Port, locations);
        for (int i = 0; i < orders.Length; i++)
        {
            foreach (string pause in new[] { "0", "10" })
            {
                using var response = await nginx.SendAsync(HttpMethod.Post, $"/{i}", new StringContent("hello"), ("x-pause", pause), ("x-delay", pause), ("x-collect", "1"));
                string echo = await response.Content.ReadAsStringAsync();
                Assert.Contains(orders[i].Contains("pieces") || orders[i].Contains("delay") ? "HELLO" : "hello", echo, StringComparison.Ordinal);
            }
        }
    }

    [NginxFact]
    public async Task What_a_filter_throws_is_a_500_for_that_request_and_a_line_in_the_log()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(upstream.Port, "location / { outrider_filter t faulty; proxy_pass http://up; }");
        foreach (string where in new[] { "headers", "late", "data", "response", "wrong-thread" })
        {
            using var response = await nginx.SendAsync(HttpMethod.Post, "/", new StringContent("x"), ("x-fault", where));
            Assert.Equal(500, (int)response.StatusCode);
            Assert.Equal("internal error", await response.Content.ReadAsStringAsync());
        }

        foreach (string where in new[] { "log", "destroy", "void", "" })
        {
            Assert.Equal(200, (int)(await nginx.SendAsync("/", ("x-fault", where))).StatusCode);
        }

        foreach (string where in new[] { "response-data", "longer", "terminate" })
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => nginx.GetAsync("/", ("x-fault", where)));
        }

        await Eventually.HoldsAsync(() => nginx.Log.Contains("on purpose: destroy", StringComparison.Ordinal));
        Assert.Contains("filter 'faulty': System.InvalidTimeZoneException: thrown on purpose: headers", nginx.Log, StringComparison.Ordinal);
        Assert.Contains("content-length says", nginx.Log, StringComparison.Ordinal);
        Assert.Single(nginx.Workers());
    }

    [NginxFact]
    public async Task A_filter_knows_its_request_asks_upstreams_and_answers_piece_by_piece()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(
            upstream.Port,
            """
            outrider_filter t tell hello;
            location / { proxy_pass http://up; }
            location /other { outrider_filter t tell inner; proxy_pass http://up; }
            location /refused { return 402; }
            location /teapot { return 418; }
            """);
        using var told = await nginx.SendAsync("/tell");
        string text = await told.Content.ReadAsStringAsync();
        Assert.Contains($"method GET\nauthority 127.0.0.1:{nginx.Port}\nscheme http\nprotocol HTTP/1.1\nremote 127.0.0.1:", text, StringComparison.Ordinal);
        Assert.Contains($"local 127.0.0.1:{nginx.Port}\nport {nginx.Port}\n", text, StringComparison.Ordinal);
        Assert.Equal("1", told.Headers.GetValues("x-own").Single());

        using var passed = await nginx.SendAsync("/x");
        Assert.Equal("local=False route=/ cluster=up text=t number=7.5 flag=True state=state config=hello", passed.Headers.GetValues("x-told").Single());
        using var other = await nginx.SendAsync("/other");
        Assert.Equal("inner", other.Headers.GetValues("x-route-config").Single());
        Assert.Contains("config=inner", other.Headers.GetValues("x-told").Single(), StringComparison.Ordinal);

        Assert.StartsWith("up POST /asked\n", await nginx.GetAsync("/callout"), StringComparison.Ordinal);
        Assert.Equal("cluster 'none': the callout cannot start: there is no such cluster", await nginx.GetAsync("/failed-callout"));
        using var streamed = await nginx.SendAsync("/streamed");
        Assert.Equal(201, (int)streamed.StatusCode);
        Assert.Equal(string.Concat(Enumerable.Range(0, 100).Select(i => new string((char)('a' + (i % 26)), 50_000))), await streamed.Content.ReadAsStringAsync());

        Assert.Equal(402, (int)(await nginx.SendAsync("/refused")).StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => nginx.GetAsync("/teapot"));
        await Eventually.HoldsAsync(() => nginx.Log.Contains($"logged 200 /x 127.0.0.1:{upstream.Port} ", StringComparison.Ordinal));
        NoAlerts(nginx);
    }

    [NginxFact]
    public async Task A_client_that_goes_away_cancels_what_its_filter_waits_for_and_metrics_are_summed()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(
            upstream.Port,
            """
            location / { outrider_filter t life '{"version":"v7","max_delay_ms":60000}'; proxy_pass http://up; }
            location /quick { outrider_filter t life '{"version":"v8"}'; proxy_pass http://up; }
            location /metrics { outrider_metrics; }
            """,
            workers: 2);
        using (var cancel = new CancellationTokenSource(300))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => nginx.Client.GetStringAsync(new Uri("/x", UriKind.Relative), cancel.Token));
        }

        for (int i = 0; i < 20; i++)
        {
            // Each on a connection of its own: both workers get some.
            _ = await RawClient.ExchangeAsync(nginx.Port, "GET /quick HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        }

        string metrics = "";
        await StreamTests.EventuallyAsync(async () => (metrics = await nginx.GetAsync("/metrics")).Contains("outrider_module_life_live 0\n", StringComparison.Ordinal) ? "none lives" : metrics, "none lives");
        Assert.Contains("# TYPE outrider_module_life_requests_total counter\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_module_life_requests_total{version=\"v7\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_module_life_requests_total{version=\"v8\"} 20\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_module_life_sizes_count 21\n", metrics, StringComparison.Ordinal);
    }

    private static void NoAlerts(NginxProcess nginx)
        => Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]", nginx.Log);

    private async Task<NginxProcess> StartAsync(int upstream, string server, int workers = 1)
    {
        string name = await filters.PublishAsync(TestFilters);
        string module = modules.Place(Path.Combine(filters.Folder, $"lib{name}.so"));
        return await NginxProcess.StartAsync(
            modules, $"outrider_module t {module}; outrider_module t0 {module}; outrider_module t1 {module}; upstream up {{ server 127.0.0.1:{upstream}; }}", server, workers);
    }
}
