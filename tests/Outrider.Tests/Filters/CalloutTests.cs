using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>Requests that filters make to the proxy's own clusters.</summary>
public sealed class CalloutTests
{
    [Fact]
    public async Task An_answer_comes_back_to_the_streams_loop()
    {
        using var asked = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                await connection.SendAsync("HTTP/1.1 404 Not Found\r\nX-Why: nobody\r\ntransfer-encoding: chunked\r\n\r\n3\r\nnot\r\n5\r\n here\r\n0\r\nx-t: 1\r\n\r\n");
            }
        });
        EventLoop? before = null, after = null;
        CalloutResponse? answer = null;
        await using var proxy = await StartAsync(asked.Address, async (filter, headers) =>
        {
            before = EventLoop.Current;
            answer = await filter.Context.CalloutAsync(new Callout("asked", "POST", "/check?a=1") { Authority = "check.test", Body = "question"u8.ToArray() }
                .With("x-user", "ada").With("content-length", "99"));
            after = EventLoop.Current;
            return FilterAction.Reply(200, answer.GetHeader("X-WHY"));
        });

        Assert.Equal("nobody", BodyOf(await proxy.SendAsync(Get)));
        Assert.NotNull(before);
        Assert.Same(before, after);
        Assert.Equal((404, false, "not here"), (answer!.Status, answer.IsSuccess, answer.Text));
        Assert.Contains(new("x-why", "nobody"), answer.Headers);
        Assert.StartsWith("POST /check?a=1 HTTP/1.1\r\nhost: check.test\r\n", asked.Received, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("x-user: ada\r\n", asked.Received, StringComparison.Ordinal);
        Assert.Contains("content-length: 8\r\n", asked.Received, StringComparison.Ordinal);
        Assert.DoesNotContain("99", asked.Received, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nquestion", asked.Received, StringComparison.Ordinal);

        // The loop's own connections are used, as for requests that are forwarded.
        _ = await proxy.SendAsync(Get);
        Assert.Equal(1, asked.Connections);
    }

    [Fact]
    public async Task One_that_is_waited_for_as_a_whole_has_a_limit_of_time()
    {
        using var asked = Mirror();
        await using var proxy = await StartAsync(asked.Address, async (filter, headers) =>
        {
            var callout = new Callout("asked", "GET", "/") { Timeout = Timeout.InfiniteTimeSpan };
            _ = Assert.Throws<ArgumentException>(() => filter.Context.OpenCopies(callout, 1));
            var refused = await Assert.ThrowsAsync<ArgumentException>(() => filter.Context.CalloutAsync(callout));
            return FilterAction.Reply(200, refused.Message);
        });

        Assert.Contains("OpenCallout", BodyOf(await proxy.SendAsync(Get)), StringComparison.Ordinal);
        Assert.Equal(0, asked.Connections);
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => new Callout("asked", "GET", "/") { Timeout = TimeSpan.Zero });
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => new Callout("asked", "GET", "/") { Timeout = TimeSpan.FromMilliseconds(-2) });
    }

    [Fact]
    public async Task Several_at_once_each_have_their_answer_and_the_request_goes_on()
    {
        using var asked = Mirror();
        await using var proxy = await StartAsync(asked.Address, async (filter, headers) =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => filter.Context.CalloutAsync(new Callout("asked", "GET", $"/{i}"))));
            headers.Set("x-answers"u8, System.Text.Encoding.ASCII.GetBytes(string.Concat(answers.Select(answer => answer.Text[5]))));
            return FilterAction.Continue;
        });

        Assert.Contains("x-answers: 01234\r\n", await proxy.SendAsync(Get), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
    }

    [Fact]
    public async Task No_answer_is_an_exception_that_says_why()
    {
        using var silent = new RawUpstream(async (connection, number) =>
        {
            string request = await connection.ReadRequestAsync();
            switch (request.Split(' ')[1])
            {
                case "/slow":
                    await Task.Delay(Timeout.Infinite);
                    break;
                case "/large":
                    await connection.SendAsync(Response(new string('x', 2000)));
                    break;
                case "/half":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
                    break;
                default:
                    await connection.SendAsync("what?\r\n\r\n");
                    break;
            }
        });
        string refused;
        using (var gone = Mirror())
        {
            refused = gone.Address;
        }

        await using var proxy = await StartAsync(silent.Address, async (filter, headers) =>
        {
            string path = headers.PathString;
            string cluster = path is "/unknown" or "/empty" or "/refused" ? path[1..] : "asked";
            try
            {
                _ = await filter.Context.CalloutAsync(new Callout(cluster, "GET", path) { Timeout = path == "/slow" ? TimeSpan.FromSeconds(1) : Eventually.Patience });
                return FilterAction.Reply(200, "answered");
            }
            catch (CalloutException e)
            {
                return FilterAction.Reply(200, e.Message);
            }
        }, refused: refused, limits: "\"max_buffered_body_size\": 1000");

        Assert.Equal("cluster 'unknown': there is no such cluster", await SaidAsync(proxy, "/unknown"));
        Assert.Equal("cluster 'empty': it has no host", await SaidAsync(proxy, "/empty"));
        Assert.Equal($"cluster 'refused': {refused}: connect failed: Connection refused", await SaidAsync(proxy, "/refused"), ignoreCase: true);
        Assert.Equal($"cluster 'asked': {silent.Address}: no whole answer in time", await SaidAsync(proxy, "/slow"));
        Assert.Equal($"cluster 'asked': {silent.Address}: it closed the connection", await SaidAsync(proxy, "/half"));
        Assert.Equal("cluster 'asked': the answer is larger than filters may collect (max_buffered_body_size)", await SaidAsync(proxy, "/large"));
        Assert.StartsWith($"cluster 'asked': {silent.Address}: ", await SaidAsync(proxy, "/garbage"), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Stats.UpstreamConnectionsActive == 0);
        Assert.Equal(0, proxy.Stats.FilterErrors);
    }

    [Fact]
    public async Task The_streams_end_cancels_it()
    {
        var closed = new TaskCompletionSource();
        using var asked = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            // The end of the connection is all that comes.
            _ = await connection.ReadRequestAsync();
            closed.SetResult();
        });
        var cancelled = new TaskCompletionSource();
        await using var proxy = await StartAsync(asked.Address, async (filter, headers) =>
        {
            try
            {
                _ = await filter.Context.CalloutAsync(new Callout("asked", "GET", "/"));
            }
            catch (OperationCanceledException)
            {
                // It is too late for another one.
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => filter.Context.CalloutAsync(new Callout("asked", "GET", "/")));
                cancelled.SetResult();
                throw;
            }

            return FilterAction.Continue;
        });
        using (var client = await RawClient.ConnectAsync(proxy.Port))
        {
            await client.SendAsync(Get);
            await Eventually.HoldsAsync(() => asked.Received.Length > 0);
            client.Reset();
        }

        await cancelled.Task.SoonAsync();
        await closed.Task.SoonAsync();
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0 && proxy.Stats.UpstreamConnectionsActive == 0);
    }

    [Fact]
    public async Task A_filter_may_wait_less_long_and_must_be_on_its_thread()
    {
        using var asked = new RawUpstream((connection, number) => Task.Delay(Timeout.Infinite));
        await using var proxy = await StartAsync(asked.Address, async (filter, headers) =>
        {
            using var limit = new CancellationTokenSource(50);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => filter.Context.CalloutAsync(new Callout("asked", "GET", "/"), limit.Token));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => filter.Context.CalloutAsync(new Callout("asked", "GET", "/"), limit.Token));
            var elsewhere = await Assert.ThrowsAsync<InvalidOperationException>(() => Task.Run(() => filter.Context.CalloutAsync(new Callout("asked", "GET", "/"))));
            var odd = await Assert.ThrowsAsync<ArgumentException>(() => filter.Context.CalloutAsync(new Callout("asked", "GET", "/") { Authority = "a b" }));
            return FilterAction.Reply(200, elsewhere.Message + odd.Message);
        });

        string said = BodyOf(await proxy.SendAsync(Get));
        Assert.Contains("ConfigureAwait(false)", said, StringComparison.Ordinal);
        Assert.Contains("'a b'", said, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Stats.UpstreamConnectionsActive == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_has_no_more_callouts_under_way_than_it_may(bool streamed)
    {
        var go = new TaskCompletionSource();
        using var asked = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                await go.Task;
                await connection.SendAsync(Response("ok"));
            }
        });
        await using var proxy = await StartAsync(asked.Address, async (filter, headers) =>
        {
            var under = Enumerable.Range(0, 3).Select(_ => filter.Context.CalloutAsync(new Callout("asked", "GET", "/"))).ToArray();
            var refused = await Assert.ThrowsAsync<CalloutException>(async () =>
            {
                if (streamed)
                {
                    filter.Context.OpenCallout(new Callout("asked", "GET", "/")).Dispose();
                }

                _ = await filter.Context.CalloutAsync(new Callout("asked", "GET", "/"));
            });
            go.SetResult();
            _ = await Task.WhenAll(under);
            // Each that has ended makes room for another.
            string after = (await filter.Context.CalloutAsync(new Callout("asked", "GET", "/"))).Text;
            return FilterAction.Reply(200, $"{refused.Message}, then {after}");
        }, limits: "\"max_callouts\": 3");

        Assert.Equal("cluster 'asked': the stream has 3 callouts under way, as many as it may have (max_callouts), then ok", await SaidAsync(proxy, "/"));
    }

    private static async Task<string> SaidAsync(TestProxy proxy, string path) => BodyOf(await proxy.SendAsync($"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n"));

    private static Task<TestProxy> StartAsync(
        string asked, Func<ScriptedFilter, RequestHeaders, Task<FilterAction>> decode, string refused = "127.0.0.1:1", string limits = "")
    {
        var script = new Script { DecodeHeadersAsync = (filter, headers) => new(decode(filter, headers)) };
        var registry = new StreamFilterRegistry();
        registry.Add("f", _ => script);
        string Cluster(string name, string hosts) => $$"""{"name":"{{name}}","lb_type":"LB_ROUNDROBIN","hosts":[{{hosts}}]}""";
        string Host(string address) => $$"""{"address":"{{address}}"}""";
        return TestProxy.StartJsonAsync(
            $$$$$"""
            {"servers":[{"default_log_path":"/dev/null","graceful_timeout":"5s","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"asked"}}]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,
              "filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r","extend_config":{ {{{{{limits}}}}} } } }]}],
              "stream_filters":[{"type":"f"}]}]}],
            "cluster_manager":{"clusters":[{{{{{Cluster("asked", Host(asked))}}}}},{{{{{Cluster("empty", "")}}}}},{{{{{Cluster("refused", Host(refused))}}}}}]}}
            """,
            registry);
    }
}
