using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Proxying;

/// <summary>What upstreams may write otherwise than RFC 9112 has it, because one who reads it cannot be misled; and what limits it.</summary>
public sealed class LenientUpstreamTests
{
    [Theory]
    [InlineData("5 \r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\t \r\nhello\r\n0 \r\n\r\n")]
    [InlineData("5 ;a=b\r\nhello\r\n0\t;c\r\n\r\n")]
    [InlineData("5;a=b \r\nhello\r\n0; \r\n\r\n")]
    [InlineData("5;a=\"b\" \r\nhello\r\n0;\r\n\r\n")]
    [InlineData("0005\r\nhello\r\n0000\r\n\r\n")]
    [InlineData("00000000000000000000000000000005  \r\nhello\r\n00000000000000000000000\r\n\r\n")]
    public async Task Chunk_lines_with_white_space_or_zeros_are_read(string chunks)
    {
        using var upstream = RawUpstream.Answering($"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal("hello", Dechunk(BodyOf(await client.ReadUntilAsync(text => text.EndsWith("0\r\n\r\n", StringComparison.Ordinal)))));
        }

        Assert.Equal(1, upstream.Connections);
    }

    [Theory]
    [InlineData("5 5\r\nhello\r\n0\r\n\r\n")]
    [InlineData(" 5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5 x\r\nhello\r\n0\r\n\r\n")]
    [InlineData("1000000000000005\r\nhello\r\n0\r\n\r\n")]
    public async Task Other_chunk_lines_still_cut_the_response_off(string chunks)
    {
        using var upstream = RawUpstream.Answering($"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        string seen = await RawClient.ExchangeAsync(proxy.Port, Get);

        Assert.DoesNotContain("hello", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\n0\r\n\r\n", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5 \r\nhello\r\n0\r\n\r\n")]
    [InlineData("5 ;a\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;a \r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;\r\nhello\r\n0\r\n\r\n")]
    [InlineData("0000000000000005\r\nhello\r\n0\r\n\r\n")]
    public async Task Requests_are_read_as_strictly_as_before(string chunks)
    {
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        Assert.Equal(400, StatusOf(await proxy.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{chunks}")));
        Assert.Empty(upstream.Received);
    }

    [Theory]
    [InlineData("content-length: 5\r\ncontent-length: 5\r\n", 200)]
    [InlineData("content-length: 5\r\nx: y\r\nContent-Length: 5\r\nContent-Length: 05\r\n", 200)]
    [InlineData("content-length: 5, 5\r\n", 200)]
    [InlineData("content-length: 5 ,5,\t05\r\ncontent-length: 5,5\r\n", 200)]
    [InlineData("content-length: 5, 6\r\n", 502)]
    [InlineData("content-length: 5,\r\n", 502)]
    [InlineData("content-length: ,5\r\n", 502)]
    [InlineData("content-length: 5, 5\r\ncontent-length: 6\r\n", 502)]
    [InlineData("content-length: 5\r\ncontent-length: 6\r\n", 502)]
    [InlineData("content-length: 5\r\ncontent-length: x\r\n", 502)]
    [InlineData("content-length: 5\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n", 502)]
    public async Task A_length_that_comes_twice_is_one_where_it_is_the_same(string fields, int status)
    {
        using var upstream = RawUpstream.Answering($"HTTP/1.1 200 OK\r\n{fields}\r\nhello");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        string response = await proxy.SendAsync(Get);

        Assert.Equal(status, StatusOf(response));
        if (status == 200)
        {
            Assert.Equal(2, response.Split("content-length: 5\r\n", StringSplitOptions.None).Length);
            Assert.Equal("hello", BodyOf(response));
        }
    }

    [Fact]
    public async Task A_response_may_set_many_cookies_and_the_cluster_says_how_many()
    {
        string cookies = string.Concat(Enumerable.Range(0, 140).Select(i => $"set-cookie: c{i}=1\r\n"));
        using var upstream = RawUpstream.Answering(Response("ok", cookies));
        await using var open = await TestProxy.StartAsync([upstream.Address]);
        await using var few = await TestProxy.StartAsync([upstream.Address], cluster: ""","max_response_header_count":140""");
        await using var small = await TestProxy.StartAsync([upstream.Address], cluster: ""","max_response_header_size":2048""");

        Assert.Equal(141, (await open.SendAsync(Get)).Split("set-cookie: ").Length);
        Assert.Equal(502, StatusOf(await few.SendAsync(Get)));
        Assert.Equal(502, StatusOf(await small.SendAsync(Get)));
    }

    [Theory]
    [InlineData("content-length: 5\r\ncontent-length: 6\r\n")]
    [InlineData("content-length: x\r\n")]
    [InlineData("transfer-encoding: gzip\r\n")]
    [InlineData("content-length: 5\r\ntransfer-encoding: chunked\r\n")]
    public async Task An_interim_response_with_odd_framing_is_dropped_and_the_response_passes(string fields)
    {
        using var upstream = RawUpstream.Answering($"HTTP/1.1 103 Early Hints\r\nlink: </odd>\r\n{fields}\r\nHTTP/1.1 103 Early Hints\r\nlink: </good>\r\n\r\n{Response("ok")}");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        string seen = await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 103 Early Hints\r\nlink: </good>\r\n\r\nHTTP/1.1 200 OK\r\n", seen, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nok", seen, StringComparison.Ordinal);
    }
}
