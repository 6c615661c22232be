using System.Net.Http;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Modules;

/// <summary>A module in C does in our proxy what it would do in Envoy.</summary>
public sealed class CModuleTests
{
    [CompilerFact("gcc")]
    public async Task A_module_reads_sets_adds_and_removes_headers()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "headers");
        string response = await proxy.SendAsync("GET / HTTP/1.1\r\nHost: example.test\r\nX-In: a\r\nx-in: b\r\nX-Remove: 1\r\n\r\n");
        Assert.Equal(203, StatusOf(response));
        Assert.Contains("x-status: 200\r\n", response, StringComparison.Ordinal);
        string request = BodyOf(response);
        Assert.Contains("x-seen: b/2/example.test\r\n", request, StringComparison.Ordinal);
        Assert.Contains("x-added: 1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("x-added: 2\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Remove", request, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("x-names: :method :path :scheme :authority x-in x-in ", request, StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task A_whole_body_is_buffered_and_replaced()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "upper");
        Assert.EndsWith("content-length: 11\r\n\r\nHELLO WORLD", await proxy.SendAsync(Post("hello world")), StringComparison.Ordinal);
        Assert.EndsWith("content-length: 9\r\n\r\nABCDEFGHI", await proxy.SendAsync(PostChunked("abc", "def", "ghi")), StringComparison.Ordinal);
        Assert.Contains("\r\nABCDEF\r\n0\r\nx-sum: 1\r\n", await SendTrailersAsync("upper"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await proxy.SendAsync(Get), StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task A_response_is_buffered_and_replaced()
    {
        using var upstream = RawUpstream.Answering(Response("some words"));
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "upper-response");
        Assert.Equal("SOME WORDS", BodyOf(await proxy.SendAsync(Get)));
    }

    [CompilerFact("gcc")]
    public async Task Pieces_of_a_body_are_changed_as_they_pass()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "pieces");
        Assert.Equal("ABCDEFGHI", Dechunk(BodyOf(BodyOf(await proxy.SendAsync(PostChunked("abc", "def", "ghi"))))));
    }

    [CompilerFact("gcc")]
    public async Task A_body_that_is_not_kept_is_gone()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "drop");
        string request = BodyOf(await proxy.SendAsync(PostChunked("abc", "def")));
        Assert.Equal("", Dechunk(BodyOf(request)));
    }

    [CompilerFact("gcc")]
    public async Task A_body_over_the_limit_is_answered_with_413()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(BuiltModule.Every, "upper")], "\"max_buffered_body_size\": 1024");
        string large = await proxy.SendAsync(Post(new string('x', 300_000)).Replace("content-length", "connection: close\r\ncontent-length", StringComparison.Ordinal));
        Assert.Equal(413, StatusOf(large));
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Post(new string('x', 500)))));
    }

    [CompilerFact("gcc")]
    public async Task A_local_reply_has_the_modules_status_headers_and_body()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "reply");
        string response = await proxy.SendAsync(Get);
        Assert.Equal(401, StatusOf(response));
        Assert.Contains("x-own: yes\r\n", response, StringComparison.Ordinal);
        Assert.Contains("www-authenticate: Basic\r\n", response, StringComparison.Ordinal);
        Assert.Contains("content-type: text/plain\r\n", response, StringComparison.Ordinal);
        Assert.Equal("go away", BodyOf(response));
        Assert.Equal(0, upstream.Connections);
    }

    [CompilerFact("gcc")]
    public async Task A_response_can_be_answered_otherwise()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "late-reply");
        string response = await proxy.SendAsync(Get);
        Assert.Equal((418, "teapot"), (StatusOf(response), BodyOf(response)));
    }

    [CompilerTheory("gcc")]
    [InlineData("wait")]
    [InlineData("wait-body")]
    [InlineData("wait-stop")]
    [InlineData("wait-response")]
    public async Task An_event_from_another_thread_lets_the_stream_go_on(string filter)
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, filter);
        string response = await proxy.SendAsync(Post("hello"));
        Assert.Equal(200, StatusOf(response));
        Assert.Equal(filter != "wait-body", response.Contains("x-waited: yes", StringComparison.Ordinal));
        Assert.EndsWith("hello", response, StringComparison.Ordinal);
        Assert.Equal(200, StatusOf(await proxy.SendAsync(PostChunked("he", "llo"))));
        Assert.Contains("\r\n0\r\nx-sum: 1\r\n", await SendTrailersAsync(filter), StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task An_event_lets_a_body_go_on_in_its_middle()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "wait-stop");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync("POST / HTTP/1.1\r\nhost: example.test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
        await Eventually.HoldsAsync(() => upstream.Received.Contains("abc", StringComparison.Ordinal));
        await client.SendAsync("3\r\ndef\r\n0\r\n\r\n");
        string response = await client.ReadResponseAsync();
        Assert.Equal("abcdef", Dechunk(BodyOf(BodyOf(response))));
    }

    [CompilerFact("gcc")]
    public async Task An_event_answers()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "wait-reply");
        string response = await proxy.SendAsync(Get);
        Assert.Equal((403, "refused"), (StatusOf(response), BodyOf(response)));
    }

    [CompilerFact("gcc")]
    public async Task An_event_resets_the_stream()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "wait-reset");
        Assert.Equal("", await proxy.SendAsync(Get));
    }

    [CompilerFact("gcc")]
    public async Task An_answer_comes_piece_by_piece()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "stream");
        foreach (string request in new[] { Get, Post("body") })
        {
            string response = await RawClient.ExchangeAsync(proxy.Port, request.Replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n", StringComparison.Ordinal));
            Assert.StartsWith("HTTP/1.1 202", response, StringComparison.Ordinal);
            Assert.Contains("x-streamed: yes\r\n", response, StringComparison.Ordinal);
            Assert.Contains("first ", response, StringComparison.Ordinal);
            Assert.EndsWith("second\r\n0\r\nx-end: of stream\r\n\r\n", response, StringComparison.Ordinal);
        }

        Assert.Equal(0, upstream.Connections);
    }

    [CompilerFact("gcc")]
    public async Task The_route_is_matched_again_when_the_module_clears_it()
    {
        using var upstream = Mirror();
        const string Routes = """
            [{"match":{"path":"/other"},"direct_response":{"status":200,"body":"other"}},{"match":{"prefix":"/"},"direct_response":{"status":200,"body":"first"}}]
            """;
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(BuiltModule.Every, "route")], routes: Routes);
        Assert.Equal("other", BodyOf(await proxy.SendAsync(Get)));
        await using var kept = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(BuiltModule.Every, "keep-route")], routes: Routes);
        Assert.Equal("first", BodyOf(await kept.SendAsync(Get)));
    }

    [CompilerFact("gcc")]
    public async Task Modules_of_one_stream_share_metadata_and_state()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "set-metadata", "get-metadata");
        Assert.Contains("x-metadata: ada kept\r\n", await proxy.SendAsync(Get), StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task A_module_knows_its_streams_attributes()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "attributes");
        Assert.Matches("x-attributes: GET 127\\.0\\.0\\.1:\\d+ 1\r\n", await proxy.SendAsync(Get));
    }

    [CompilerFact("gcc")]
    public async Task Metrics_are_shown_and_lines_are_logged()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "metrics");
        _ = await proxy.SendAsync("GET /a HTTP/1.1\r\nhost: x\r\n\r\n");
        using var http = new HttpClient();
        string metrics = await http.GetStringAsync(new Uri($"http://{proxy.AdminEndPoint}/metrics"));
        Assert.Contains("outrider_module_every_seen_total{path=\"/a\"} 2\n", metrics, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("counted in the module", StringComparison.Ordinal));
    }

    [CompilerFact("gcc")]
    public async Task A_callout_asks_a_cluster_and_its_answer_comes_back()
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                await connection.SendAsync(request.StartsWith("GET /ask HTTP/1.1\r\nhost: asked.test", StringComparison.Ordinal) ? Response("the answer") : Response(request));
            }
        });
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "callout");
        Assert.Contains("x-answer: 0 200 the answer\r\n", await proxy.SendAsync(Get), StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task Trailers_are_read_and_set()
    {
        Assert.EndsWith("0\r\nx-sum: 1\r\nx-sum-seen: 1\r\n\r\n", await SendTrailersAsync("trailers"), StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task A_module_may_prefer_no_answer_to_a_local_reply()
    {
        await using var proxy = await ModuleProxy.StartAsync("127.0.0.1:1", BuiltModule.Every, "no-local-reply");
        Assert.Equal("", await proxy.SendAsync(Get));
    }

    [CompilerFact("gcc")]
    public async Task Two_modules_that_both_keep_a_body_see_it_one_after_the_other()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, "wait-stop", "upper", "wait-body", "pieces");
        Assert.EndsWith("HELLO", await proxy.SendAsync(Post("hello")), StringComparison.Ordinal);
        Assert.Contains("\r\nABCDEF\r\n0\r\nx-sum: 1\r\n", await SendTrailersAsync("wait-stop", "upper", "wait-body", "pieces"), StringComparison.Ordinal);
    }

    /// <summary>What reaches the upstream of a request with trailers.</summary>
    private static async Task<string> SendTrailersAsync(params string[] filters)
    {
        using var upstream = RawUpstream.Answering(Response("ok"));
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Every, filters);
        Assert.Equal(200, StatusOf(await proxy.SendAsync(PostChunkedWith("x-sum: 1\r\n", "abc", "def"))));
        return upstream.Received;
    }
}
