using System.Collections.Concurrent;
using System.Globalization;
using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

public sealed class CollectingTests
{
    [Theory]
    [ClassData(typeof(Paces))]
    public async Task A_collected_request_can_be_changed_and_its_length_follows(Pace pace)
    {
        var filter = new Script
        {
            Pace = pace,
            DecodeRequest = (_, headers, body, trailers) =>
            {
                Assert.Null(trailers);
                headers.Path = "/changed"u8;
                headers.Set("x-length", body.Length.ToString(CultureInfo.InvariantCulture));
                body.Append("!!"u8);
                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        foreach (string request in new[] { Post("0123456789"), PostChunked("01234", "56789") })
        {
            await client.SendAsync(request);
            string seen = BodyOf(await client.ReadResponseAsync());
            Assert.StartsWith("POST /changed HTTP/1.1\r\n", seen, StringComparison.Ordinal);
            Assert.Contains("\r\nx-length: 10\r\n", seen, StringComparison.Ordinal);
            Assert.Contains("\r\ncontent-length: 12\r\n", seen, StringComparison.Ordinal);
            Assert.DoesNotContain("transfer-encoding", seen, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n0123456789!!", seen, StringComparison.Ordinal);
        }

        await proxy.AssertEndedAsync(filter);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task A_request_without_a_body_is_whole_at_once_and_can_be_given_one(Pace pace)
    {
        var filter = new Script { Pace = pace, DecodeRequest = (_, headers, body, _) => { Assert.True(body.IsEmpty); body.Append("made"u8); return FilterAction.Continue; } };
        var behind = new Script { Pace = pace, DecodeHeaders = (_, headers, endStream) => { headers.Set("x-end", endStream ? "yes" : "no"); return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter, behind]);

        string seen = BodyOf(await proxy.SendAsync(Get));

        Assert.Contains("\r\nx-end: no\r\n", seen, StringComparison.Ordinal);
        Assert.EndsWith("\r\ncontent-length: 4\r\n\r\nmade", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collected_body_that_is_taken_away_leaves_a_request_without_one()
    {
        var filter = new Script { DecodeRequest = (_, _, body, _) => { body.Clear(); return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        foreach (string request in new[] { Post("body"), PostChunked("bo", "dy"), PostChunked() })
        {
            string seen = BodyOf(await proxy.SendAsync(request));
            Assert.DoesNotContain("chunked", seen, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n", seen, StringComparison.Ordinal);
        }
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task Trailers_come_with_a_collected_request_and_go_on_behind_its_body(Pace pace)
    {
        string? got = null;
        var filter = new Script
        {
            Pace = pace,
            DecodeRequest = (_, _, body, trailers) =>
            {
                got = trailers!.GetString("x-sum");
                trailers.Set("x-more"u8, "2"u8);
                body.Append("!"u8);
                return FilterAction.Continue;
            },
        };
        var behind = new Script { Pace = pace, DecodeData = (_, data, _) => { data.Append("?"u8); return FilterAction.Continue; }, DecodeTrailers = (_, trailers) => { trailers.Append("x-last"u8, "3"u8); return FilterAction.Continue; } };
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            string all = "";
            while (!all.EndsWith("x-last: 3\r\n\r\n", StringComparison.Ordinal) && await connection.ReadAsync() is { Length: > 0 } more)
            {
                all += more;
            }

            await connection.SendAsync(Response(all));
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter, behind]);

        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(PostChunkedWith("x-sum: 1\r\n", "bo", "dy"));
        string seen = await client.ReadUntilAsync(text => text.EndsWith("x-last: 3\r\n\r\n", StringComparison.Ordinal));

        Assert.Equal("1", got);
        Assert.EndsWith("\r\n\r\n6\r\nbody!?\r\n0\r\nx-sum: 1\r\nx-more: 2\r\nx-last: 3\r\n\r\n", seen, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task Collectors_and_streaming_filters_may_be_mixed_and_each_sees_what_the_one_before_it_made(Pace pace)
    {
        Script Streaming(string mark) => new() { Pace = pace, DecodeData = (_, data, end) => { data.Append(Bytes(end ? mark : "")); return FilterAction.Continue; } };
        Script Collecting(string mark) => new() { Pace = pace, DecodeRequest = (_, _, body, _) => { body.Append(Bytes(mark)); return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address], [Streaming("1"), Collecting("2"), Streaming("3"), Collecting("4"), Collecting("5"), Streaming("6")]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        foreach (string request in new[] { PostChunked("abc"), Post("abc"), PostChunked("a", "b", "c") })
        {
            await client.SendAsync(request);
            string seen = BodyOf(await client.ReadResponseAsync());
            Assert.EndsWith("\r\ncontent-length: 9\r\n\r\nabc123456", seen, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Bodies_meet_filters_phase_by_phase_as_headers_do()
    {
        Script In(ReceiverPhase phase, string mark, bool collect) => collect
            ? new() { Phase = phase, DecodeRequest = (_, _, body, _) => { body.Append(Bytes(mark)); return FilterAction.Continue; } }
            : new() { Phase = phase, DecodeHeaders = (_, headers, _) => { headers.Remove("content-length"); return FilterAction.Continue; }, DecodeData = (_, data, end) => { data.Append(Bytes(end ? mark : "")); return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address],
        [
            In(ReceiverPhase.AfterChooseHost, "4", collect: false),
            In(ReceiverPhase.AfterRoute, "3", collect: true),
            In(ReceiverPhase.AfterRoute, "3", collect: false),
            In(ReceiverPhase.BeforeRoute, "1", collect: false),
            In(ReceiverPhase.BeforeRoute, "2", collect: true),
        ]);

        Assert.EndsWith("\r\n\r\nabc12334", BodyOf(await proxy.SendAsync(Post("abc"))), StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task Responses_are_collected_and_changed_alike(Pace pace)
    {
        Script Streaming(string mark) => new() { Pace = pace, EncodeData = (_, data, end) => { data.Append(Bytes(end ? mark : "")); return FilterAction.Continue; } };
        Script Collecting(string mark) => new() { Pace = pace, EncodeResponse = (_, headers, body, _) => { headers.Append("x-mark"u8, Bytes(mark)); body.Append(Bytes(mark)); return FilterAction.Continue; } };
        string[] responses =
        [
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
        ];
        foreach (string answer in responses)
        {
            using var upstream = RawUpstream.Answering(answer);
            await using var proxy = await TestProxy.StartAsync(
                [upstream.Address], [Streaming("1"), Collecting("2"), Streaming("3"), Collecting("4"), Streaming("5")]);
            using var client = await RawClient.ConnectAsync(proxy.Port);
            for (int i = 0; i < 3; i++)
            {
                await client.SendAsync(Get);
                string response = await client.ReadResponseAsync();
                Assert.Equal("abc12345", BodyOf(response));
                Assert.Contains("\r\ncontent-length: 8\r\n", response, StringComparison.Ordinal);
                Assert.Contains("\r\nx-mark: 2\r\nx-mark: 4\r\n", response, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task A_response_with_trailers_is_collected_with_them(Pace pace)
    {
        var filter = new Script { Pace = pace, EncodeResponse = (_, _, body, trailers) => { body.Append(Bytes(trailers!.GetString("x-sum")!)); return FilterAction.Continue; } };
        var behind = new Script { Pace = pace, EncodeTrailers = (_, trailers) => { trailers.Set("x-last"u8, "2"u8); return FilterAction.Continue; } };
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter, behind]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync(Get);
        string response = await client.ReadUntilAsync(text => text.EndsWith("x-last: 2\r\n\r\n", StringComparison.Ordinal));

        Assert.EndsWith("4\r\nabc1\r\n0\r\nx-sum: 1\r\nx-last: 2\r\n\r\n", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Responses_without_a_body_stay_so_and_HEAD_keeps_its_length()
    {
        var filter = new Script { EncodeResponse = (_, headers, body, _) => { headers.Set("x-seen"u8, "1"u8); return FilterAction.Continue; } };
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                await connection.SendAsync(request.StartsWith("HEAD", StringComparison.Ordinal) ? "HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n"
                    : request.Contains("/204", StringComparison.Ordinal) ? "HTTP/1.1 204 No Content\r\n\r\n" : "HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n");
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        string all = await RawClient.ExchangeAsync(proxy.Port, "HEAD / HTTP/1.1\r\nhost: a\r\n\r\nGET /204 HTTP/1.1\r\nhost: a\r\n\r\nGET /304 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        Assert.Matches("(?s)^HTTP/1.1 200 OK\r\n.*content-length: 1234\r\n\r\nHTTP/1.1 204 No Content\r\n.*HTTP/1.1 304 Not Modified\r\n.*\r\n\r\n$", all);
        Assert.Equal(4, all.Split("x-seen: 1\r\n").Length);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task A_collector_sees_replies_that_were_made_here_too(Pace pace)
    {
        var collector = new Script
        {
            Pace = pace,
            DecodeHeaders = (_, _, _) => FilterAction.Reply(403, "denied"),
            EncodeResponse = (filter, headers, body, _) => { headers.Status = 404; body.Replace($"{filter.Context.IsLocalReply}: {body}"); return FilterAction.Continue; },
        };
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [collector]);

        string response = await proxy.SendAsync(Post("ignored"));

        Assert.Equal(404, StatusOf(response));
        Assert.Equal("True: denied", BodyOf(response));
        await proxy.AssertEndedAsync(collector);
    }

    [Fact]
    public async Task A_request_over_the_limit_is_answered_with_413_and_reaches_no_upstream()
    {
        var filter = new Script { DecodeRequest = (_, _, _, _) => throw new InvalidOperationException("never called") };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter], extendConfig: "\"max_buffered_body_size\":100");

        Assert.Equal(413, StatusOf(await proxy.SendAsync(Post(new string('x', 101)))));
        Assert.Equal(413, StatusOf(await proxy.SendAsync(PostChunked(new string('x', 60), new string('x', 60)))));
        Assert.Empty(upstream.Received);
        await proxy.AssertEndedAsync(filter);
    }

    [Fact]
    public async Task A_body_of_exactly_the_limit_passes()
    {
        var filter = new Script { DecodeRequest = (_, _, _, _) => FilterAction.Continue };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter], extendConfig: "\"max_buffered_body_size\":100");

        Assert.Equal(200, StatusOf(await proxy.SendAsync(Post(new string('x', 100)))));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(10)]
    public async Task A_response_over_the_limit_becomes_a_502_even_where_that_is_over_the_limit_too(int limit)
    {
        var filter = new Script { EncodeResponse = (_, _, _, _) => FilterAction.Continue };
        using var upstream = RawUpstream.Answering(Response(new string('x', 200)));
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter], extendConfig: $"\"max_buffered_body_size\":{limit}");

        Assert.Equal(502, StatusOf(await proxy.SendAsync(Get)));
        Assert.Equal(502, StatusOf(await proxy.SendAsync(Get)));
        await proxy.AssertEndedAsync(filter);
    }

    [Fact]
    public async Task An_upstream_that_breaks_off_while_its_response_is_collected_is_a_502()
    {
        var filter = new Script { EncodeHeaders = (f, _, _) => f.Context.IsLocalReply ? FilterAction.Continue : FilterAction.WaitAllData };
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        string response = await proxy.SendAsync(Get);

        Assert.Equal(502, StatusOf(response));
        Assert.DoesNotContain("part", response, StringComparison.Ordinal);
        await proxy.AssertEndedAsync(filter);
    }

    [Fact]
    public async Task A_client_that_waits_for_100_Continue_is_told_to_go_on_when_its_body_is_collected()
    {
        var filter = new Script { DecodeRequest = (_, _, body, _) => { body.Append("!"u8); return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadUntilAsync(text => text.EndsWith("\r\n\r\n", StringComparison.Ordinal)));
        await client.SendAsync("body");

        string seen = BodyOf(await client.ReadResponseAsync());
        Assert.EndsWith("\r\n\r\nbody!", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("expect", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_megabyte_is_collected_both_ways()
    {
        var filter = new Script { DecodeRequest = (_, _, _, _) => FilterAction.Continue, EncodeResponse = (_, _, _, _) => FilterAction.Continue };
        string body = string.Concat(Enumerable.Range(0, 100_000).Select(i => i.ToString("D10", CultureInfo.InvariantCulture)));
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter], extendConfig: "\"max_buffered_body_size\":2000000");

        Assert.EndsWith(body, await proxy.SendAsync(Post(body)), StringComparison.Ordinal);
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.Latin1.GetBytes(text);
}
