using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

public sealed class ReplyTests
{
    private const string Secret = "x-secret: 4711\r\ncookie: session=4711\r\n";

    public static TheoryData<ReceiverPhase, Pace> PhasesAndPaces()
    {
        var data = new TheoryData<ReceiverPhase, Pace>();
        foreach (var phase in Enum.GetValues<ReceiverPhase>())
        {
            foreach (var pace in Enum.GetValues<Pace>())
            {
                data.Add(phase, pace);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(PhasesAndPaces))]
    public async Task A_reply_from_any_phase_carries_its_own_headers_and_none_of_the_requests(ReceiverPhase phase, Pace pace)
    {
        var filter = new Script { Phase = phase, Pace = pace, DecodeHeaders = (_, _, _) => FilterAction.Reply(new LocalReply(403, "no") { Details = "why" }.With("x-own", "yes")) };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nhost: example.test\r\n{Secret}\r\n");
            string response = await client.ReadResponseAsync();

            Assert.StartsWith("HTTP/1.1 403 Forbidden\r\nx-own: yes\r\ncontent-type: text/plain; charset=utf-8\r\n", response, StringComparison.Ordinal);
            Assert.EndsWith("\r\ncontent-length: 2\r\n\r\nno", response, StringComparison.Ordinal);
            Assert.DoesNotContain("4711", response, StringComparison.Ordinal);
            Assert.DoesNotContain("x-forwarded", response, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("x-request-id", response, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Empty(upstream.Received);
        await proxy.AssertEndedAsync(filter);
    }

    [Fact]
    public async Task A_reply_without_a_body_says_so()
    {
        var filter = new Script { DecodeHeaders = (_, _, _) => FilterAction.Reply(401) };
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [filter]);

        string response = await proxy.SendAsync(Get);

        Assert.Equal(401, StatusOf(response));
        Assert.Contains("\r\ncontent-length: 0\r\n", response, StringComparison.Ordinal);
        Assert.DoesNotContain("content-type", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task A_reply_whose_status_has_no_body_is_sent_without_the_one_that_a_filter_gave(int status)
    {
        var filter = new Script { DecodeHeaders = (_, _, _) => FilterAction.Reply(status, "surplus") };
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync(Get + Get.Replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n", StringComparison.Ordinal));
        string both = await client.ReadToEndAsync();

        Assert.DoesNotContain("surplus", both, StringComparison.Ordinal);
        Assert.Equal(3, both.Split($"HTTP/1.1 {status} ").Length);
    }

    [Fact]
    public async Task A_reply_to_HEAD_has_the_length_but_not_the_body()
    {
        var filter = new Script { DecodeHeaders = (_, _, _) => FilterAction.Reply(403, "four") };
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [filter]);

        string response = await RawClient.ExchangeAsync(proxy.Port, "HEAD / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        Assert.Contains("\r\ncontent-length: 4\r\n", response, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", response, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task A_reply_amid_the_requests_body_ends_the_exchange_with_the_upstream(Pace pace)
    {
        var filter = new Script { Pace = pace, DecodeData = (_, data, _) => data.ToString().Contains("bad", StringComparison.Ordinal) ? FilterAction.Reply(422, "bad") : FilterAction.Continue };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\ngood");
        await EventuallyAsync(() => upstream.Received.EndsWith("good", StringComparison.Ordinal));
        await client.SendAsync("bad");
        string response = await client.ReadToEndAsync();

        Assert.Equal(422, StatusOf(response));
        Assert.EndsWith("\r\n\r\nbad", response, StringComparison.Ordinal);
        // The whole would also hold the request's id, whose digits are letters enough for "bad".
        Assert.EndsWith("good", upstream.Received, StringComparison.Ordinal);
        await proxy.AssertEndedAsync(filter);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task A_reply_to_the_requests_trailers_is_sent(Pace pace)
    {
        var filter = new Script { Pace = pace, DecodeTrailers = (_, trailers) => trailers.Contains("x-bad"u8) ? FilterAction.Reply(422) : FilterAction.Continue };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        Assert.Equal(422, StatusOf(await proxy.SendAsync(PostChunkedWith("x-bad: 1\r\n", "body"))));
        await proxy.AssertEndedAsync(filter);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task A_sender_filters_reply_takes_the_place_of_the_response_for_those_behind_it(Pace pace)
    {
        var before = new Script { EncodeHeaders = (_, headers, _) => { headers.Set("x-before", "seen"); return FilterAction.Continue; } };
        var replier = new Script { Pace = pace, EncodeHeaders = (_, headers, _) => headers.Status == 200 ? FilterAction.Reply(503, "replaced") : FilterAction.Continue };
        var behind = new Script
        {
            EncodeHeaders = (filter, headers, _) =>
            {
                headers.Set("x-behind", $"{headers.Status} {filter.Context.IsLocalReply}");
                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [before, replier, behind]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(Post("request body"));
            string response = await client.ReadResponseAsync();
            Assert.Equal(503, StatusOf(response));
            Assert.Contains("\r\nx-behind: 503 True\r\n", response, StringComparison.Ordinal);
            Assert.DoesNotContain("x-before", response, StringComparison.Ordinal);
            Assert.Equal("replaced", BodyOf(response));
        }

        await proxy.AssertEndedAsync(before, replier, behind);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task A_collected_response_can_be_replaced(Pace pace)
    {
        var replier = new Script { Pace = pace, EncodeResponse = (filter, _, _, _) => filter.Context.IsLocalReply ? FilterAction.Continue : FilterAction.Reply(503, "replaced") };
        var behind = new Script { EncodeResponse = (_, _, body, _) => { body.Append(" and seen"u8); return FilterAction.Continue; } };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [replier, behind]);

        string response = await proxy.SendAsync(Get);

        Assert.Equal(503, StatusOf(response));
        Assert.Equal("replaced and seen", BodyOf(response));
        await proxy.AssertEndedAsync(replier, behind);
    }

    [Fact]
    public async Task A_reply_to_a_piece_of_a_response_whose_head_is_sent_cuts_it_off()
    {
        var replier = new Script { EncodeData = (_, _, _) => FilterAction.Reply(503) };
        using var upstream = RawUpstream.Answering(Response("0123456789"));
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [replier]);

        string response = await RawClient.ExchangeAsync(proxy.Port, Get);

        Assert.DoesNotContain("503", response, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789", response, StringComparison.Ordinal);
        Assert.Contains("filter 'f0'", proxy.Log, StringComparison.Ordinal);
        await proxy.AssertEndedAsync(replier);
    }

    [Fact]
    public async Task A_reply_to_the_request_after_the_response_has_begun_cuts_it_off_and_sends_no_second_head()
    {
        var filter = new Script { DecodeData = (_, data, _) => data.ToString() == "late" ? FilterAction.Reply(422) : FilterAction.Continue };
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun");
            await connection.ReadRequestAsync();
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 50\r\n\r\nearly");
        string response = await client.ReadUntilAsync(text => text.EndsWith("begun", StringComparison.Ordinal));
        await client.SendAsync("late");
        response += await client.ReadToEndAsync();

        Assert.Equal(2, response.Split("HTTP/1.1 ").Length);
        Assert.EndsWith("begun", response, StringComparison.Ordinal);
        await proxy.AssertEndedAsync(filter);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(199)]
    [InlineData(600)]
    public void A_status_that_no_reply_can_have_is_refused(int status)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FilterAction.Reply(status));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LocalReply(status));
    }

    [Theory]
    [InlineData("content-length", "5")]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("connection", "close")]
    [InlineData("bad name", "x")]
    [InlineData("", "x")]
    [InlineData("x-injected", "a\r\nset-cookie: b")]
    [InlineData("x-injected", "a\nb")]
    [InlineData("x-injected", "a\0b")]
    public void A_header_that_no_reply_may_carry_is_refused(string name, string value)
        => Assert.Throws<ArgumentException>(() => new LocalReply(200).With(name, value));
}
