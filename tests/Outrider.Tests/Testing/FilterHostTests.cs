using System.Text;
using Outrider.Filters;
using Outrider.Filters.Testing;

namespace Outrider.Tests.Testing;

/// <summary>What a test sees of a filter that runs without a proxy. That filters live there by the rules of every base is the conformance suite's to check.</summary>
public sealed class FilterHostTests
{
    [Fact]
    public async Task A_request_passes_and_each_side_sees_what_the_filter_made()
    {
        await using var host = new FilterHost()
            .Add(() => new Lambda
            {
                OnRequest = (headers, _) =>
                {
                    headers.Set("x-user", "admin");
                    headers.Path = "/other?a=b"u8;
                    return FilterAction.Continue;
                },
                OnResponse = (headers, _) =>
                {
                    headers.Status = 201;
                    headers.Append("x-seen", "yes");
                    return FilterAction.Continue;
                },
            })
            .OnUpstream(_ => new TestResponse(200, "hello").With("x-up", "1"));

        var exchange = await host.SendAsync(TestRequest.Get("/").With("accept", "*/*"));

        Assert.Equal((201, "hello", "yes", "1"), (exchange.Status, exchange.Body, exchange.Response!.GetHeader("x-seen"), exchange.Response.GetHeader("x-up")));
        Assert.Equal(("/other?a=b", "admin", "*/*"), (exchange.Upstream!.Path, exchange.Upstream.GetHeader("x-user"), exchange.Upstream.GetHeader("accept")));
        Assert.Equal(["Lambda.DecodeHeadersAsync: Continue", "Lambda.EncodeHeadersAsync: Continue", "Lambda.EncodeDataAsync: Continue"], exchange.Calls.Select(call => call.ToString()));
        Assert.False(exchange.IsLocalReply);
    }

    [Fact]
    public async Task A_reply_never_reaches_the_upstream_and_passes_the_other_filters()
    {
        await using var host = new FilterHost()
            .Add(() => new Lambda { OnRequest = (_, _) => FilterAction.Reply(new LocalReply(403, "no") { Details = "denied" }.With("x-why", "test")) })
            .Add("marks", new StreamFilterFactory<Lambda>(() => new Lambda
            {
                OnResponse = (headers, _) =>
                {
                    headers.Set("x-marked", "1");
                    return FilterAction.Continue;
                },
            }));

        var exchange = await host.SendAsync(TestRequest.Get("/"));

        Assert.Equal((403, "no", "test", "1"), (exchange.Status, exchange.Body, exchange.Response!.GetHeader("x-why"), exchange.Response.GetHeader("x-marked")));
        Assert.Null(exchange.Upstream);
        Assert.Equal((true, "denied"), (exchange.IsLocalReply, exchange.Details));
        Assert.Equal(FilterActionKind.Reply, exchange.ActionOf(nameof(StreamFilter.DecodeHeadersAsync))!.Value.Kind);
    }

    [Fact]
    public async Task Time_stands_still_until_the_test_moves_it()
    {
        await using var host = new FilterHost().Add(() => new Lambda
        {
            OnRequestLater = async (stream, _) =>
            {
                await Task.Delay(TimeSpan.FromMinutes(10), stream.Time, stream.Aborted);
                return FilterAction.Reply(200, stream.Time.GetUtcNow().ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture));
            },
        });

        var sending = host.SendAsync(TestRequest.Get("/"));
        await host.AdvanceAsync(TimeSpan.FromMinutes(9));
        Assert.False(sending.IsCompleted);
        await host.AdvanceAsync(TimeSpan.FromMinutes(1));

        var exchange = await sending;
        Assert.Equal("00:10", exchange.Body);
        Assert.True(exchange.Calls[0].Waited);
    }

    [Fact]
    public async Task Callouts_ask_clusters_of_the_test_within_their_time()
    {
        var never = new TaskCompletionSource<TestResponse>();
        await using var host = new FilterHost()
            .OnCluster("auth", request => new TestResponse(request.GetHeader("token") == "t" ? 200 : 401, "who"))
            .OnCluster("slow", (_, _) => never.Task)
            .Add(() => new Lambda
            {
                OnRequestLater = async (stream, headers) =>
                {
                    if (headers.Contains("slow"u8))
                    {
                        var failure = await Assert.ThrowsAsync<CalloutException>(() => stream.CalloutAsync(new Callout("slow", "GET", "/") { Timeout = TimeSpan.FromSeconds(3) }));
                        return FilterAction.Reply(504, failure.Message);
                    }

                    var answer = await stream.CalloutAsync(new Callout("auth", "POST", "/check") { Body = "asked"u8.ToArray() }.With("token", headers.GetString("token") ?? ""));
                    return answer.IsSuccess ? FilterAction.Continue : FilterAction.Reply(answer.Status, answer.Text);
                },
            });

        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/").With("token", "t"))).Status);
        var refused = await host.SendAsync(TestRequest.Get("/").With("token", "x"));
        Assert.Equal((401, "who", "/check", "asked"), (refused.Status, refused.Body, refused.Callouts[0].Path, refused.Callouts[0].Body));
        Assert.Equal(2, host.Cluster("auth").Requests.Count);

        var late = host.SendAsync(TestRequest.Get("/").With("slow", "1"));
        await host.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(504, (await late).Status);
    }

    [Fact]
    public async Task A_callout_piece_by_piece_is_written_and_read()
    {
        await using var host = new FilterHost()
            .OnCluster("c", request => new TestResponse(200, "one ", request.Body).WithTrailer("x-t", "end"))
            .Add(() => new Lambda
            {
                OnRequestLater = async (stream, _) =>
                {
                    using var callout = stream.OpenCallout(new Callout("c", "POST", "/"));
                    await callout.WriteAsync("t"u8.ToArray());
                    await callout.WriteAsync("wo"u8.ToArray());
                    await callout.CompleteAsync();
                    var text = new StringBuilder().Append((await callout.GetResponseAsync()).Status).Append(' ');
                    await foreach (var piece in callout.ReadAllAsync())
                    {
                        text.Append(Encoding.UTF8.GetString(piece.Span));
                    }

                    return FilterAction.Reply(200, text.Append(' ').Append(callout.Trailers[0].Value).ToString());
                },
            });

        Assert.Equal("200 one two end", (await host.SendAsync(TestRequest.Get("/"))).Body);
    }

    [Fact]
    public async Task Bodies_come_in_the_pieces_of_the_test_with_trailers_behind_them()
    {
        var seen = new List<string>();
        await using var host = new FilterHost()
            .Add(() => new Lambda
            {
                OnRequestData = (data, end) =>
                {
                    seen.Add($"{data}{(end ? "." : "")}");
                    data.Replace(data.ToString().ToUpperInvariant());
                    return FilterAction.Continue;
                },
                OnRequestTrailers = (trailers, body) =>
                {
                    seen.Add(trailers.GetString("x-sum")!);
                    body.Append("!"u8);
                    return FilterAction.Continue;
                },
            })
            .OnUpstream(_ => new TestResponse(200, "a", "b").WithTrailer("x-r", "1"));

        var exchange = await host.SendAsync(new TestRequest("POST", "/").WithBody("ab", "cd").WithTrailer("x-sum", "4"));

        Assert.Equal(["ab", "cd", "4"], seen);
        Assert.Equal(("ABCD!", "x-sum"), (exchange.Upstream!.Body, exchange.Upstream.Trailers[0].Key));
        Assert.Equal(("ab", 2, "1"), (exchange.Body, exchange.Response!.Pieces.Count, exchange.Response.Trailers[0].Value));
    }

    [Fact]
    public async Task A_body_sent_piece_by_piece_meets_the_filter_as_it_comes()
    {
        int seen = 0;
        await using var host = new FilterHost().Add(() => new Lambda
        {
            OnRequestData = (data, _) =>
            {
                seen += data.Length;
                return seen > 3 ? FilterAction.Reply(413, "enough") : FilterAction.Continue;
            },
        });

        var stream = await host.OpenAsync(new TestRequest("POST", "/") { IsChunked = true });
        await stream.WriteAsync("abc");
        Assert.Equal(3, seen);
        await stream.WriteAsync("d");

        Assert.Equal((413, "enough"), ((await stream.Completion).Status, (await stream.Completion).Body));
    }

    [Fact]
    public async Task A_client_that_goes_cancels_what_the_filter_awaits_and_its_life_ends_once()
    {
        int destroyed = 0;
        bool cancelled = false;
        await using var host = new FilterHost().Add(() => new Lambda
        {
            OnRequestLater = async (stream, _) =>
            {
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, stream.Time, stream.Aborted);
                }
                catch (OperationCanceledException)
                {
                    cancelled = true;
                }

                return FilterAction.Continue;
            },
            OnEnd = () => destroyed++,
        });

        var stream = await host.OpenAsync(TestRequest.Get("/"), endStream: true);
        await stream.AbortAsync();

        var exchange = await stream.Completion;
        Assert.Equal((true, 1, true), (cancelled, destroyed, exchange.IsCut));
        Assert.Equal(ResponseFlags.DownstreamConnectionTermination, exchange.Flags);
        Assert.Null(exchange.Response);
    }

    [Fact]
    public async Task A_streamed_reply_waits_for_a_client_that_takes_nothing()
    {
        int written = 0;
        var flow = new List<string>();
        await using var host = new FilterHost().Add(() => new Lambda
        {
            OnFlow = flow.Add,
            OnRequestData = (_, _) => FilterAction.Reply(new StreamedReply(200, async writer =>
            {
                for (int i = 0; i < 3; i++)
                {
                    await writer.WriteAsync("x"u8.ToArray());
                    written++;
                }
            })),
        });

        var stream = await host.OpenAsync(new TestRequest("POST", "/") { IsChunked = true });
        await stream.BlockAsync();
        await stream.WriteAsync("x", endStream: true);
        await host.SettleAsync();
        int before = written;
        await stream.UnblockAsync();

        var exchange = await stream.Completion;
        Assert.Equal(0, before);
        Assert.Equal(["blocked", "unblocked"], flow);
        Assert.Equal(("xxx", 3), (exchange.Body, exchange.Response!.Pieces.Count));
    }

    [Fact]
    public async Task A_reply_says_what_went_wrong()
    {
        var seen = ResponseFlags.None;
        await using var host = new FilterHost().Add(() => new Lambda
        {
            OnRequest = (_, _) => FilterAction.Reply(new LocalReply(429) { Flags = ResponseFlags.RateLimited, Details = "too_many" }),
            OnLogged = stream => seen = stream.ResponseFlags,
        });

        var exchange = await host.SendAsync(TestRequest.Get("/"));

        Assert.Equal((429, ResponseFlags.RateLimited, "too_many"), (exchange.Status, exchange.Flags, exchange.Details));
        Assert.Equal(ResponseFlags.RateLimited, seen);
    }

    [Fact]
    public async Task A_failure_is_a_500_in_the_log_with_what_was_thrown()
    {
        await using var host = new FilterHost().Add(() => new Lambda { OnRequest = (_, _) => throw new FormatException("bad") });

        var exchange = await host.SendAsync(TestRequest.Get("/"));

        Assert.Equal((500, ResponseFlags.FilterError), (exchange.Status, exchange.Flags));
        Assert.IsType<FormatException>(Assert.Single(exchange.Log).Failure);
        Assert.IsType<FormatException>(exchange.Calls[0].Failure);
    }

    [Fact]
    public async Task What_a_filter_kept_of_a_stream_that_is_over_cannot_be_touched()
    {
        RequestHeaders? kept = null;
        await using var host = new FilterHost().Add(() => new Lambda
        {
            OnRequest = (headers, _) =>
            {
                kept = headers;
                return FilterAction.Continue;
            },
        });

        await host.SendAsync(TestRequest.Get("/"));

        Assert.Throws<InvalidOperationException>(() => kept!.Count);
    }

    [Fact]
    public async Task A_body_that_is_longer_than_its_head_says_fails_as_on_every_base()
    {
        await using var host = new FilterHost().Add(() => new Lambda
        {
            OnRequestData = (data, _) =>
            {
                data.Append("more"u8);
                return FilterAction.Continue;
            },
        });

        var exchange = await host.SendAsync(TestRequest.Post("/", "abc"));

        Assert.Equal(500, exchange.Status);
        Assert.Contains("remove the header", exchange.Log[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_variables_state_flags_metrics_and_log_are_read_after_the_exchange()
    {
        await using var host = new FilterHost().Add(() => new Lambda
        {
            OnRequestLater = (stream, _) =>
            {
                stream.Metadata.Set("ns", "text", "t");
                stream.Metadata.Append("ns", "list", 1);
                stream.SetVariable("v", 7);
                stream.SetFilterState("s", "x"u8);
                stream.AddFlag("slow");
                stream.SetUpstreamHost("10.0.0.1:80");
                stream.Log.Info("passed");
                return ValueTask.FromResult(FilterAction.Continue);
            },
        });

        var exchange = await host.SendAsync(TestRequest.Get("/"));

        Assert.Equal("t", exchange.Metadata["ns"]["text"].GetString());
        Assert.Equal("[1]", exchange.Metadata["ns"]["list"].GetRawText());
        Assert.Equal((7, "x"), (exchange.Variables["v"], Encoding.UTF8.GetString(exchange.FilterState["s"])));
        Assert.Equal(["slow"], exchange.CustomFlags);
        Assert.Equal("10.0.0.1:80", exchange.WantedHost);
        Assert.Equal("passed", Assert.Single(exchange.Log).Message);
    }

    [Fact]
    public async Task A_plugin_is_answered_for_by_the_test()
    {
        await using var host = new FilterHost().AddPlugin("checker", request => new PluginResponse { Status = request.Header["User"] == "admin" ? 1 : 0 });
        var plugin = host.Configuration("agent", null).Plugins.Register("checker");
        host.Add(() => new Lambda
        {
            OnRequestLater = async (stream, headers) =>
            {
                var request = new PluginRequest();
                request.AddHeaders(headers);
                var answer = await plugin.CallAsync(request, TimeSpan.FromSeconds(1), stream.Aborted);
                return answer.Status == 1 ? FilterAction.Continue : FilterAction.Reply(403);
            },
        });

        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/").With("user", "admin"))).Status);
        Assert.Equal(403, (await host.SendAsync(TestRequest.Get("/").With("user", "eve"))).Status);
    }

    [Fact]
    public async Task A_filter_that_never_answers_is_named()
    {
        // As long as a busy machine may take to begin.
        await using var host = new FilterHost { Patience = TimeSpan.FromSeconds(1) }
            .Add(() => new Lambda { OnRequestLater = static async (stream, _) => { await Task.Delay(TimeSpan.FromHours(1), stream.Time); return FilterAction.Continue; } });

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => host.SendAsync(TestRequest.Get("/")));

        Assert.Contains("Lambda.DecodeHeadersAsync", failure.Message, StringComparison.Ordinal);
    }

    private sealed class Lambda : StreamFilter
    {
        public Func<RequestHeaders, bool, ValueTask<FilterAction>>? OnRequest { get; init; }

        public Func<StreamContext, RequestHeaders, ValueTask<FilterAction>>? OnRequestLater { get; init; }

        public Func<BodyBuffer, bool, ValueTask<FilterAction>>? OnRequestData { get; init; }

        public Func<HeaderMap, BodyBuffer, ValueTask<FilterAction>>? OnRequestTrailers { get; init; }

        public Func<ResponseHeaders, bool, ValueTask<FilterAction>>? OnResponse { get; init; }

        public Action<string>? OnFlow { get; init; }

        public Action? OnEnd { get; init; }

        public Action<StreamContext>? OnLogged { get; init; }

        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
            => OnRequestLater?.Invoke(Stream, headers) ?? OnRequest?.Invoke(headers, endStream) ?? FilterAction.Continue;

        public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream) => OnRequestData?.Invoke(data, endStream) ?? FilterAction.Continue;

        public override ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers, BodyBuffer body) => OnRequestTrailers?.Invoke(trailers, body) ?? FilterAction.Continue;

        public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream) => OnResponse?.Invoke(headers, endStream) ?? FilterAction.Continue;

        public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream) => FilterAction.Continue;

        public override void OnResponseBlocked() => OnFlow?.Invoke("blocked");

        public override void OnResponseUnblocked() => OnFlow?.Invoke("unblocked");

        public override void OnLog() => OnLogged?.Invoke(Stream);

        public override void OnDestroy() => OnEnd?.Invoke();
    }
}
