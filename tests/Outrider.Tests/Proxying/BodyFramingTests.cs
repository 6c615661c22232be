using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class BodyFramingTests
{
    public static TheoryData<int> Lengths => [0, 1, (16 * 1024) - 1, 16 * 1024, (16 * 1024) + 1, (64 * 1024) - 1, 64 * 1024, (64 * 1024) + 1, 1024 * 1024, 20 * 1024 * 1024];

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task A_body_with_a_length_arrives_unchanged_in_both_directions(int length)
    {
        var body = TestBytes.Make(length);
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            string head = await reader.ReadHeadAsync();
            var got = await reader.ReadBodyAsync(head);
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nx-got: {TestBytes.Digest(got)}\r\ncontent-length: {got.Length}\r\n\r\n");
            await connection.Socket.SendAllAsync(got);
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
        await client.Socket.SendAllAsync(body);
        string answer = await answers.ReadHeadAsync();

        Assert.Equal(TestBytes.Digest(body), WireReader.Field(answer, "x-got"));
        Assert.Equal(TestBytes.Digest(body), TestBytes.Digest(await answers.ReadBodyAsync(answer)));
        Assert.False(answers.IsTruncated);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task A_chunked_body_arrives_unchanged_in_both_directions(int length)
    {
        var body = TestBytes.Make(length);
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            string head = await reader.ReadHeadAsync();
            var got = await reader.ReadBodyAsync(head);
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nx-got: {TestBytes.Digest(got)}\r\ntransfer-encoding: chunked\r\n\r\n");
            await connection.Socket.SendAllAsync(TestBytes.Chunked(got, 50_000));
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
        await client.Socket.SendAllAsync(TestBytes.Chunked(body, 7_001));
        string answer = await answers.ReadHeadAsync();

        Assert.Equal(TestBytes.Digest(body), WireReader.Field(answer, "x-got"));
        Assert.Equal(TestBytes.Digest(body), TestBytes.Digest(await answers.ReadBodyAsync(answer)));
        Assert.False(answers.IsTruncated);
    }

    [Fact]
    public async Task A_body_that_comes_a_byte_at_a_time_arrives_whole()
    {
        using var upstream = new RawUpstream(EchoAsync);
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        const string Message = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 26\r\n\r\nabcdefghijklmnopqrstuvwxyz";

        foreach (char c in Message)
        {
            await client.SendAsync(c.ToString());
        }

        Assert.Equal("abcdefghijklmnopqrstuvwxyz", (await new WireReader(client.Socket).ReadMessageAsync()).Body);
    }

    [Fact]
    public async Task A_chunked_body_that_comes_a_byte_at_a_time_arrives_whole_both_ways()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var (_, body) = await new WireReader(connection.Socket).ReadMessageAsync();
            foreach (char c in $"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body.Length:x};a=\"b;c\"\r\n{body}\r\n0\r\nx-end: 1\r\n\r\n")
            {
                await connection.SendAsync(c.ToString());
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        foreach (char c in "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3;x\r\nabc\r\n5;y=\"\\\"\"\r\ndefgh\r\n0\r\n\r\n")
        {
            await client.SendAsync(c.ToString());
        }

        Assert.Equal("abcdefgh", (await answers.ReadMessageAsync()).Body);
        Assert.Equal("x-end: 1\r\n", answers.Trailers);
    }

    [Fact]
    public async Task Chunk_extensions_do_not_pass_and_trailers_do_in_both_directions()
    {
        string? trailers = null;
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            var (head, body) = await reader.ReadMessageAsync();
            trailers = reader.Trailers;
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nx-body: {body}\r\ntransfer-encoding: chunked\r\n\r\n5;secret=1\r\nhello\r\n0\r\nx-sum: 42\r\n\r\n");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2;unseen=2\r\nhi\r\n0\r\nx-up: 7\r\n\r\n");
        var (head, body) = await answers.ReadMessageAsync();

        Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
        Assert.Equal("hello", body);
        Assert.Equal("x-sum: 42\r\n", answers.Trailers);
        Assert.Equal("hi", WireReader.Field(head, "x-body"));
        Assert.Equal("x-up: 7\r\n", trailers);
    }

    [Theory]
    [InlineData("content-length: 0")]
    [InlineData("transfer-encoding: chunked")]
    public async Task A_body_of_no_bytes_ends_the_message_and_leaves_the_connection_good(string framing)
    {
        string end = framing[0] == 't' ? "0\r\n\r\n" : "";
        using var upstream = RawUpstream.Answering($"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n{end}");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\n{framing}\r\n\r\n{end}");
            var (head, body) = await answers.ReadMessageAsync();
            Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
            Assert.Equal("", body);
        }

        Assert.Equal(1, upstream.Connections);
        Assert.Contains(framing, upstream.Received, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("HEAD", "200 OK", "content-length: 1234\r\n")]
    [InlineData("HEAD", "200 OK", "")]
    [InlineData("HEAD", "200 OK", "transfer-encoding: chunked\r\n")]
    [InlineData("GET", "204 No Content", "")]
    [InlineData("GET", "304 Not Modified", "")]
    [InlineData("GET", "304 Not Modified", "content-length: 1234\r\n")]
    public async Task A_response_that_has_no_body_leaves_both_connections_good(string method, string status, string framing)
    {
        using var upstream = RawUpstream.Answering($"HTTP/1.1 {status}\r\n{framing}\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync($"{method} / HTTP/1.1\r\nhost: a\r\n\r\n");
            string head = await answers.ReadHeadAsync();
            Assert.StartsWith($"HTTP/1.1 {status}\r\n", head, StringComparison.Ordinal);
            Assert.Equal(framing.StartsWith("content", StringComparison.Ordinal) ? "1234" : null, WireReader.Field(head, "content-length"));
            Assert.Null(WireReader.Field(head, "connection"));
        }

        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task A_response_that_ends_with_its_connection_becomes_chunked()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\nsome");
            await connection.SendAsync(" words");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            var (head, body) = await answers.ReadMessageAsync();
            Assert.Equal("chunked", WireReader.Field(head, "transfer-encoding"));
            Assert.Equal("some words", body);
        }
    }

    [Fact]
    public async Task An_HTTP_1_0_client_gets_an_answer_that_ends_with_its_connection()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-t: 1\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        string answer = await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n");

        Assert.EndsWith("\r\nconnection: close\r\n\r\nhello", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("chunked", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_HTTP_1_0_client_may_keep_its_connection_when_it_asks_for_that()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET / HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n");
        string first = await client.ReadResponseAsync();
        await client.SendAsync("GET / HTTP/1.0\r\nhost: a\r\n\r\n");
        string second = await client.ReadToEndAsync();

        Assert.Contains("\r\nconnection: keep-alive\r\n", first, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nconnection: close\r\n", second, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("ok", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_HTTP_1_0_client_need_not_name_a_host()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        Assert.StartsWith("HTTP/1.1 200", await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.0\r\n\r\n"), StringComparison.Ordinal);

        Assert.Contains($"\r\nhost: {upstream.Address}\r\n", upstream.Received, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Empty_values_arrive_as_empty_values()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nx-none:\r\ncontent-length: 0\r\nx-blank:   \r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        string answer = await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\nx-empty:\r\nx-space: \t \r\nconnection: close\r\n\r\n");

        Assert.Equal("", WireReader.Field(answer, "x-none"));
        Assert.Equal("", WireReader.Field(answer, "x-blank"));
        Assert.Equal("", WireReader.Field(upstream.Received, "x-empty"));
        Assert.Equal("", WireReader.Field(upstream.Received, "x-space"));
    }

    [Theory]
    [InlineData(1, 60_000)]
    [InlineData(3, 20_000)]
    [InlineData(6, 10_000)]
    [InlineData(30, 2_000)]
    [InlineData(100, 600)]
    public async Task A_head_of_60_KB_arrives_unchanged_in_both_directions(int fields, int size)
    {
        string values = string.Concat(Enumerable.Range(0, fields).Select(i => $"x-{i}: {new string((char)('a' + (i % 26)), size)}\r\n"));
        using var upstream = RawUpstream.Answering($"HTTP/1.1 200 OK\r\n{values}content-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync($"GET / HTTP/1.1\r\nhost: a\r\n{values}\r\n");
        var (head, body) = await new WireReader(client.Socket).ReadMessageAsync();

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        Assert.Contains(values, head, StringComparison.Ordinal);
        Assert.Equal("ok", body);
        Assert.StartsWith("GET / HTTP/1.1\r\nhost: a\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.Contains(values, upstream.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_upstream_sends_behind_its_answer_is_not_the_next_answer()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 418 No\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            var (head, body) = await answers.ReadMessageAsync();
            Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
            Assert.Equal("ok", body);
        }

        Assert.Equal(3, upstream.Connections);
    }

    private static async Task EchoAsync(UpstreamConnection connection, int number)
    {
        var reader = new WireReader(connection.Socket);
        var body = await reader.ReadBodyAsync(await reader.ReadHeadAsync());
        await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {body.Length}\r\n\r\n{Encoding.Latin1.GetString(body)}");
    }
}
