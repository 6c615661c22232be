using Outrider.Filters;
using Outrider.Tests.Harness;
using Outrider.Tests.Modules;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>Requests that filters of our own engine make piece by piece. What the filter does is <see cref="AskFilter"/>, as inside Envoy and nginx.</summary>
public sealed class OpenCalloutTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nx-upstream: raw\r\ntransfer-encoding: chunked\r\n\r\n";

    private static readonly byte[] s_body = TestBytes.Make(Flow.Large);

    [Fact]
    public async Task A_filter_asks_and_is_answered_piece_by_piece()
    {
        using var upstream = new RawUpstream(AnswerAsync);
        await using var proxy = await StartAsync(upstream.Address, new StreamFilterFactory<AskFilter>(() => new()));

        Assert.Equal("raw: first, one two three", await SaidAsync(proxy, "/whole"));
        Assert.Equal("one heard first, ", await SaidAsync(proxy, "/duplex"));
        Assert.Equal("given up after 200", await SaidAsync(proxy, "/given-up"));
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
        Assert.Equal(0, proxy.Stats.FilterErrors);
    }

    [Fact]
    public async Task Whatever_breaks_off_is_an_error_that_names_the_cluster()
    {
        using var upstream = new RawUpstream(AnswerAsync);
        await using var proxy = await StartAsync(upstream.Address, new StreamFilterFactory<AskFilter>(() => new()));

        Assert.Equal("cluster 'none': there is no such cluster", BodyOf(await proxy.SendAsync("GET /whole HTTP/1.1\r\nhost: a\r\nx-cluster: none\r\n\r\n")));
        Assert.StartsWith($"cluster 'up': {upstream.Address}: ", await SaidAsync(proxy, "/broken"), StringComparison.Ordinal);
        Assert.Equal($"cluster 'up': {upstream.Address}: no whole answer in time", await SaidAsync(proxy, "/late"));
        await Eventually.HoldsAsync(() => proxy.Stats.UpstreamConnectionsActive == 0);
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_what_a_filter_asks()
    {
        using var upstream = new RawUpstream(AnswerAsync);
        await using var proxy = await StartAsync(upstream.Address, new StreamFilterFactory<AskFilter>(() => new()));
        for (int i = 0; i < 5; i++)
        {
            int asked = i + 1;
            using var client = await RawClient.ConnectAsync(proxy.Port);
            await client.SendAsync("GET /silence HTTP/1.1\r\nhost: a\r\n\r\n");
            // A connection that is only being made would stay with the pool.
            await Eventually.HoldsAsync(() => upstream.Received.Split("POST /silence ").Length - 1 == asked);
            client.Reset();
        }

        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0 && proxy.Stats.UpstreamConnectionsActive == 0);
        Assert.Equal(0, proxy.Stats.FilterErrors);
    }

    [Fact]
    public async Task An_upstream_that_sends_faster_than_it_is_read_waits_and_nothing_is_lost()
    {
        int sent = 0;
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {s_body.Length}\r\n\r\n");
            await Flow.SendCountingAsync(connection.Socket, s_body, count => Volatile.Write(ref sent, count));
        });
        await using var proxy = await StartAsync(upstream.Address, Script(async filter =>
        {
            using var ask = filter.Context.OpenCallout(new Callout("up", "GET", "/") { ReadAhead = 100_000, Timeout = Timeout.InfiniteTimeSpan });
            await ask.CompleteAsync();
            _ = await ask.GetResponseAsync();
            await go.Task;
            using var heard = new MemoryStream();
            await foreach (var piece in ask.ReadAllAsync())
            {
                heard.Write(piece.Span);
            }

            return TestBytes.Digest(heard.ToArray());
        }));
        var answer = SaidAsync(proxy, "/");
        await Eventually.HoldsAsync(() => Volatile.Read(ref sent) > 0);
        await Flow.StandsStillAsync(() => Volatile.Read(ref sent));
        int stoppedAt = Volatile.Read(ref sent);
        go.SetResult();

        Assert.Equal(TestBytes.Digest(s_body), await answer);
        Assert.InRange(stoppedAt, 1, Flow.MaxUnderway);
    }

    [Fact]
    public async Task A_writer_waits_for_an_upstream_that_takes_nothing_and_goes_on_when_it_does()
    {
        int written = 0;
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            string head = await reader.ReadHeadAsync();
            await go.Task;
            string digest = TestBytes.Digest(await reader.ReadBodyAsync(head));
            await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {digest.Length}\r\n\r\n{digest}");
        });
        await using var proxy = await StartAsync(upstream.Address, Script(async filter =>
        {
            using var ask = filter.Context.OpenCallout(new Callout("up", "POST", "/") { Timeout = Timeout.InfiniteTimeSpan });
            for (int i = 0; i < s_body.Length; i += 100_000)
            {
                await ask.WriteAsync(s_body.AsMemory(i, Math.Min(100_000, s_body.Length - i)));
                Volatile.Write(ref written, i + 100_000);
            }

            await ask.CompleteAsync();
            return System.Text.Encoding.ASCII.GetString((await ask.ReadAsync()).Span);
        }));
        var answer = SaidAsync(proxy, "/");
        await Eventually.HoldsAsync(() => Volatile.Read(ref written) > 0);
        await Flow.StandsStillAsync(() => Volatile.Read(ref written));
        int stoppedAt = Volatile.Read(ref written);
        go.SetResult();

        Assert.Equal(TestBytes.Digest(s_body), await answer);
        Assert.InRange(stoppedAt, 1, Flow.MaxUnderway);
    }

    [Fact]
    public async Task What_is_kept_of_it_is_of_no_use_after_the_stream_and_on_another_thread()
    {
        using var upstream = new RawUpstream(AnswerAsync);
        CalloutStream? kept = null;
        string elsewhere = "";
        await using var proxy = await StartAsync(upstream.Address, Script(async filter =>
        {
            kept = filter.Context.OpenCallout(new Callout("up", "GET", "/silence") { Timeout = Timeout.InfiniteTimeSpan });
            elsewhere = (await Assert.ThrowsAsync<InvalidOperationException>(() => Task.Run(async () => await kept.WriteAsync("x"u8.ToArray())))).Message;
            return "done";
        }));

        Assert.Equal("done", await SaidAsync(proxy, "/"));
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0 && proxy.Stats.UpstreamConnectionsActive == 0);

        Assert.Contains("ConfigureAwait(false)", elsewhere, StringComparison.Ordinal);
        _ = await Assert.ThrowsAsync<InvalidOperationException>(async () => await kept!.ReadAsync());
        _ = await Assert.ThrowsAsync<InvalidOperationException>(async () => await kept!.WriteAsync("x"u8.ToArray()));
        _ = Assert.Throws<InvalidOperationException>(() => { _ = kept!.GetResponseAsync(); });
        kept!.Dispose();
    }

    private static async Task AnswerAsync(UpstreamConnection connection, int number)
    {
        for (string request; (request = await connection.ReadAsync()).Length > 0;)
        {
            switch (request.Split(' ')[1])
            {
                case "/late" or "/silence":
                    break;
                case "/broken":
                    await connection.SendAsync(Head + "4\r\nhalf\r\n");
                    connection.Reset();
                    return;
                case "/given-up":
                    await connection.SendAsync(Head + "1\r\nx\r\n");
                    break;
                default:
                    await connection.SendAsync(Head + "7\r\nfirst, \r\n");
                    while (!request.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal))
                    {
                        request += await connection.ReadAsync();
                    }

                    string body = Dechunk(request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
                    await connection.SendAsync($"{body.Length:x}\r\n{body}\r\n0\r\n\r\n");
                    break;
            }
        }
    }

    private static Script Script(Func<ScriptedFilter, Task<string>> ask) => new() { DecodeHeadersAsync = async (filter, headers) => FilterAction.Reply(200, await ask(filter)) };

    private static async Task<string> SaidAsync(TestProxy proxy, string path) => BodyOf(await proxy.SendAsync($"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n"));

    private static Task<TestProxy> StartAsync(string address, IStreamFilterFactory filter)
    {
        var registry = new StreamFilterRegistry();
        registry.Add("f", _ => filter);
        return TestProxy.StartJsonAsync(
            $$$"""
            {"servers":[{"default_log_path":"/dev/null","graceful_timeout":"5s","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,
              "filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}],"stream_filters":[{"type":"f"}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{{address}}}"}]}]}}
            """,
            registry);
    }
}
