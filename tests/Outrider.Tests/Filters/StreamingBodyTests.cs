using System.Globalization;
using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

public sealed class StreamingBodyTests
{
    [Theory]
    [ClassData(typeof(Paces))]
    public async Task A_filter_that_removes_content_length_may_rewrite_a_request(Pace pace)
    {
        var filter = new Script
        {
            Pace = pace,
            DecodeHeaders = (_, headers, _) => { headers.Remove("content-length"); return FilterAction.Continue; },
            DecodeData = (_, data, _) => { data.Replace(data + "+" + data); return FilterAction.Continue; },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(Post("body"));
            string seen = BodyOf(await client.ReadResponseAsync());
            Assert.Contains("\r\ntransfer-encoding: chunked\r\n", seen, StringComparison.Ordinal);
            Assert.DoesNotContain("content-length", seen, StringComparison.Ordinal);
            Assert.Equal("body+body", Dechunk(BodyOf(seen)));
        }
    }

    [Fact]
    public async Task A_request_that_comes_in_pieces_is_read_as_it_was_sent_whatever_a_filter_makes_of_its_head()
    {
        var filter = new Script { DecodeHeaders = (_, headers, _) => { headers.Remove("content-length"); return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n");
        await EventuallyAsync(() => upstream.Received.Length > 0);
        await client.SendAsync("01234");
        await EventuallyAsync(() => upstream.Received.Contains("01234", StringComparison.Ordinal));
        await client.SendAsync("56789" + Get);

        Assert.Equal("0123456789", Dechunk(BodyOf(BodyOf(await client.ReadResponseAsync()))));
        Assert.Equal(200, StatusOf(await client.ReadResponseAsync()));
    }

    [Theory]
    [InlineData("more", true)]
    [InlineData("more", false)]
    [InlineData("fewer", true)]
    [InlineData("fewer", false)]
    public async Task A_filter_that_changes_a_requests_length_but_not_its_header_fails_the_stream(string how, bool inPieces)
    {
        var filter = new Script { DecodeData = (_, data, end) => { if (end) { data.Replace(how == "more" ? "body and more" : ""); } return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        string request = Post("body");
        await client.SendAsync(request[..^2]);
        if (inPieces)
        {
            await EventuallyAsync(() => upstream.Received.EndsWith("bo", StringComparison.Ordinal));
        }

        await client.SendAsync(request[^2..]);
        string response = await client.ReadResponseAsync();

        Assert.Equal(500, StatusOf(response));
        Assert.Contains("filter 'f0'", proxy.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("more", upstream.Received, StringComparison.Ordinal);
        await proxy.AssertEndedAsync(filter);
    }

    [Fact]
    public async Task A_content_length_that_a_filter_made_up_fails_the_stream_and_confuses_no_upstream()
    {
        var filter = new Script { DecodeHeaders = (_, headers, _) => { headers.Set("content-length", headers.GetString("x-claim")!); return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        foreach (string claim in new[] { "0", "3", "5" })
        {
            string fields = $"POST / HTTP/1.1\r\nx-claim: {claim}\r\n";
            Assert.Equal(500, StatusOf(await proxy.SendAsync(Post("body").Replace("POST / HTTP/1.1\r\n", fields, StringComparison.Ordinal))));
            Assert.Equal(500, StatusOf(await proxy.SendAsync(PostChunked("body").Replace("POST / HTTP/1.1\r\n", fields, StringComparison.Ordinal))));
            Assert.Equal(500, StatusOf(await proxy.SendAsync(PostChunkedWith("x-sum: 1\r\n", "body").Replace("POST / HTTP/1.1\r\n", fields, StringComparison.Ordinal))));
        }

        // Without a body there is none to wait for, whatever the header says.
        string seen = BodyOf(await proxy.SendAsync(Get.Replace("\r\n\r\n", "\r\nx-claim: 7\r\n\r\n", StringComparison.Ordinal)));
        Assert.Contains("\r\ncontent-length: 0\r\n", seen, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task A_filter_that_removes_content_length_may_rewrite_a_response(Pace pace)
    {
        var filter = new Script
        {
            Pace = pace,
            EncodeHeaders = (_, headers, _) => { headers.Remove("content-length"); return FilterAction.Continue; },
            // The end of a chunked body comes as an empty piece.
            EncodeData = (_, data, _) => { data.Replace(data.IsEmpty ? "" : data + "+" + data); return FilterAction.Continue; },
        };
        string[] answers = ["HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"];
        foreach (string answer in answers)
        {
            using var upstream = RawUpstream.Answering(answer);
            await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
            using var client = await RawClient.ConnectAsync(proxy.Port);
            for (int i = 0; i < 3; i++)
            {
                await client.SendAsync(Get);
                string response = await client.ReadResponseAsync();
                Assert.Contains("\r\ntransfer-encoding: chunked\r\n", response, StringComparison.Ordinal);
                Assert.Equal("body+body", Dechunk(BodyOf(response)));
            }
        }
    }

    [Fact]
    public async Task A_response_that_comes_in_pieces_is_read_as_it_was_sent_whatever_a_filter_makes_of_its_head()
    {
        var filter = new Script { EncodeHeaders = (_, headers, _) => { headers.Remove("content-length"); return FilterAction.Continue; } };
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234");
            await go.Task;
            await connection.SendAsync("56789");
            await connection.ReadRequestAsync();
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync(Get);
        string response = await client.ReadUntilAsync(text => text.Contains("01234", StringComparison.Ordinal));
        go.SetResult();
        response += await client.ReadUntilAsync(text => text.EndsWith("0\r\n\r\n", StringComparison.Ordinal));

        Assert.Equal("0123456789", Dechunk(BodyOf(response)));
    }

    [Theory]
    [InlineData("body and more")]
    [InlineData("b")]
    public async Task A_filter_that_changes_a_responses_length_but_not_its_header_cuts_it_off(string body)
    {
        var filter = new Script { EncodeData = (_, data, _) => { data.Replace(body); return FilterAction.Continue; } };
        using var upstream = RawUpstream.Answering(Response("body"));
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        string response = await RawClient.ExchangeAsync(proxy.Port, Get);

        Assert.True(BodyOf(response).Length < 4, response);
        Assert.Contains("filter 'f0'", proxy.Log, StringComparison.Ordinal);
        await proxy.AssertEndedAsync(filter);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task Trailers_can_be_changed_both_ways(Pace pace)
    {
        var filter = new Script
        {
            Pace = pace,
            DecodeTrailers = (_, trailers) => { trailers.Append("x-request"u8, "1"u8); return FilterAction.Continue; },
            EncodeTrailers = (_, trailers) => { trailers.Append("x-response"u8, "1"u8); return FilterAction.Continue; },
        };
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            string all = "";
            while (!all.EndsWith("x-a: 1\r\nx-request: 1\r\n\r\n", StringComparison.Ordinal) && await connection.ReadAsync() is { Length: > 0 } more)
            {
                all += more;
            }

            await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-b: 1\r\n\r\n");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync(PostChunkedWith("x-a: 1\r\n", "body"));
        string response = await client.ReadUntilAsync(text => text.EndsWith("x-response: 1\r\n\r\n", StringComparison.Ordinal));

        Assert.EndsWith("2\r\nok\r\n0\r\nx-b: 1\r\nx-response: 1\r\n\r\n", response, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task A_large_body_passes_a_slow_filter_unharmed(Pace pace)
    {
        var filter = new Script { Pace = pace, DecodeData = (_, _, _) => FilterAction.Continue, EncodeData = (_, _, _) => FilterAction.Continue };
        string body = string.Concat(Enumerable.Range(0, 60_000).Select(i => i.ToString("D10", CultureInfo.InvariantCulture)));
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        Assert.EndsWith(body, await proxy.SendAsync(Post(body)), StringComparison.Ordinal);
        await proxy.AssertEndedAsync(filter);
    }

    [Fact]
    public async Task Another_method_does_not_change_what_the_clients_response_may_hold()
    {
        var filter = new Script { DecodeHeaders = (_, headers, _) => { headers.Method = headers.Method.SequenceEqual("HEAD"u8) ? "GET"u8 : "HEAD"u8; return FilterAction.Continue; } };
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n" + (request.StartsWith("GET", StringComparison.Ordinal) ? "body" : ""));
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        string all = await RawClient.ExchangeAsync(proxy.Port, "HEAD / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        Assert.DoesNotContain("body", all, StringComparison.Ordinal);
        Assert.Contains("content-length: 0\r\n", all[5..], StringComparison.Ordinal);
        Assert.Equal(3, all.Split("HTTP/1.1 200 OK").Length);
    }

    [Fact]
    public void A_body_buffer_answers_for_what_it_holds()
    {
        BodyBuffer buffer = new BodyHold();
        Assert.True(buffer.IsEmpty);
        Assert.Equal(0, buffer.SliceCount);
        buffer.Append("hello "u8);
        buffer.Append("world"u8);
        Assert.Equal("hello world", buffer.ToString());
        buffer.Drain(6);
        Assert.Equal("world", buffer.ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Drain(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Drain(-1));
        Assert.ThrowsAny<ArgumentException>(() => buffer.CopyTo(new byte[4]));
        buffer.Replace("ä");
        Assert.Equal([0xC3, 0xA4], buffer.ToArray());
        buffer.Append(new byte[100_000]);
        Assert.Equal(100_002, buffer.Length);
        buffer.Clear();
        Assert.True(buffer.IsEmpty);
        Assert.Equal("", buffer.ToString());
    }
}
