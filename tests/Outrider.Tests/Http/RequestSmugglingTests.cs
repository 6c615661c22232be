using System.Globalization;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http;

/// <summary>Bad requests through the whole proxy: refused, the connection closed, and not one byte of them at the upstream.</summary>
public sealed class RequestSmugglingTests(StrictProxy strict) : IClassFixture<StrictProxy>
{
    private const string Good = "GET /good HTTP/1.1\r\nHost: a.test\r\n\r\n";

    public static TheoryData<string> Bad => [.. BadRequests.Names];

    public static TheoryData<string> BadBodies => [.. BadRequests.Names.Where(BadRequests.IsBody)];

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_request_is_refused_and_nothing_of_it_goes_on(string name)
    {
        var (text, error) = BadRequests.Get(name);
        string answer = "";
        string received = await strict.ReceivedDuringAsync(async () => answer = await RawClient.ExchangeAsync(strict.Port, text + Good));

        ExpectRefusal(answer, error.Status);
        Assert.Equal("", received);
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_bad_body_behind_its_head_is_refused_where_no_connection_was_open_yet_too(string name)
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        var (text, error) = BadRequests.Get(name);

        ExpectRefusal(await RawClient.ExchangeAsync(proxy.Port, text), error.Status);
        await StrictProxy.ExpectNoStreamsAsync(proxy);
        Assert.Equal("", upstream.Received);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_good_request_before_a_bad_one_is_served_and_it_alone_goes_on(string name)
    {
        var (text, error) = BadRequests.Get(name);
        if (text[0] is '\r' or '\n')
        {
            // An empty line is allowed between requests, and a fault in it is not that of what follows.
            text = "\r\n" + text;
        }

        string answer = "";
        string received = await strict.ReceivedDuringAsync(async () => answer = await RawClient.ExchangeAsync(strict.Port, Good + text + Good));

        const string Served = "\r\n\r\nok";
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        ExpectRefusal(answer[(answer.IndexOf(Served, StringComparison.Ordinal) + Served.Length)..], text.StartsWith("\r\n", StringComparison.Ordinal) ? 400 : error.Status);
        Assert.StartsWith("GET /good HTTP/1.1\r\nhost: a.test\r\n", received, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", received, StringComparison.Ordinal);
        Assert.Equal(1, Count(received, "HTTP/1.1"));
    }

    [Fact]
    public async Task A_large_chunk_before_a_bad_one_stays_here_too()
    {
        string received = await strict.ReceivedDuringAsync(async () =>
        {
            string body = $"2710\r\n{new string('a', 10_000)}\r\nx\r\n";
            ExpectRefusal(await RawClient.ExchangeAsync(strict.Port, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body), 400);
        });
        Assert.Equal("", received);
    }

    [Fact]
    public async Task A_body_that_turns_bad_later_is_never_ended_towards_the_upstream()
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            string text = "";
            try
            {
                while (await connection.ReadAsync() is { Length: > 0 } more)
                {
                    text += more;
                    if (text.Contains("hello\r\n", StringComparison.Ordinal))
                    {
                        begun.TrySetResult();
                    }
                }
            }
            finally
            {
                seen.TrySetResult(text);
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        await begun.Task.WaitAsync(Eventually.Patience);

        await client.SendAsync("0\r\nContent-Length: 0\r\n\r\n" + Good);

        ExpectRefusal(await client.ReadToEndAsync(), 400);
        string received = await seen.Task.WaitAsync(Eventually.Patience);
        Assert.EndsWith("\r\n\r\n5\r\nhello\r\n", received, StringComparison.Ordinal);
        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task A_bad_head_that_drips_in_is_refused_like_one_that_comes_at_once()
    {
        string received = await strict.ReceivedDuringAsync(() => Parallel.ForEachAsync(
            BadRequests.Names.Where(name => !BadRequests.IsBody(name)),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (name, _) =>
            {
                var (text, error) = BadRequests.Get(name);
                using var client = await RawClient.ConnectAsync(strict.Port);
                foreach (char c in text)
                {
                    await client.SendAsync(c.ToString());
                }

                ExpectRefusal(await client.ReadToEndAsync(), error.Status);
            }));
        Assert.Equal("", received);
    }

    [Theory]
    [InlineData(414, "GET /{0} HTTP/1.1\r\nHost: a\r\n\r\n", 300)]
    [InlineData(414, "GET /{0}", 3000)]
    [InlineData(431, "GET / HTTP/1.1\r\nHost: a\r\nX: {0}\r\n\r\n", 1100)]
    [InlineData(431, "GET / HTTP/1.1\r\nHost: a\r\nX: {0}", 3000)]
    [InlineData(431, "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: {0}\r\n\r\n", 1)]
    [InlineData(413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n{0}", 11)]
    [InlineData(413, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{0}\r\n0\r\n\r\n", 11)]
    public async Task A_request_over_a_limit_is_refused_and_nothing_of_it_goes_on(int status, string request, int length)
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address],
            extendConfig: "\"max_request_line_size\":256,\"max_header_size\":1024,\"max_header_count\":4,\"max_request_body_size\":10");
        ExpectRefusal(await RawClient.ExchangeAsync(proxy.Port, request.Replace("{0}", new string('a', length), StringComparison.Ordinal)), status);
        Assert.Equal("", upstream.Received);
    }

    [Fact]
    public async Task The_rest_of_a_body_that_was_answered_early_is_never_a_request()
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            string text = await connection.ReadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            try
            {
                while (await connection.ReadAsync() is { Length: > 0 } more)
                {
                    text += more;
                }
            }
            finally
            {
                ended.TrySetResult(text);
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {Good.Length}\r\n\r\n");
        string answer = await client.ReadResponseAsync();
        await client.SendAsync(Good);
        answer += await client.ReadToEndAsync();

        Assert.Contains("\r\nconnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(1, Count(answer, "HTTP/1.1 "));
        Assert.DoesNotContain("/good", await ended.Task.WaitAsync(Eventually.Patience), StringComparison.Ordinal);
        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task What_follows_an_upgrade_that_was_declined_is_the_next_request_and_checked()
    {
        string answer = "";
        string received = await strict.ReceivedDuringAsync(async () => answer = await RawClient.ExchangeAsync(
            strict.Port, "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n" + Good + "GET /bad HTTP/1.1\r\nHost : a\r\n\r\n"));
        Assert.Equal(3, Count(answer, "HTTP/1.1 "));
        Assert.Contains("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("GET /good HTTP/1.1", received, StringComparison.Ordinal);
        Assert.DoesNotContain("/bad", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_goes_on_is_written_anew()
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            string text = "";
            while (!text.EndsWith("X-Sum: 1\r\n\r\n", StringComparison.Ordinal))
            {
                text += await connection.ReadAsync();
            }

            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync(
            "POST http://a.test?x HTTP/1.1\r\nHost:a.test\t\r\nConnection: X-Mine, TE, Upgrade\r\nX-Mine: 1\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: A\r\n"
            + "Keep-Alive: 3\r\nProxy-Connection: x\r\nTransfer-Encoding:\tCHUNKED \r\nX-Kept: \t1 \r\n\r\n"
            + "003;ext=\"GET / HTTP/1.1\"\r\nabc\r\n00;x\r\nX-Sum:1 \r\nCookie: a\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadResponseAsync(), StringComparison.Ordinal);
        string received = upstream.Received;
        Assert.StartsWith("POST /?x HTTP/1.1\r\nhost: a.test\r\n", received, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Kept: 1\r\n", received, StringComparison.Ordinal);
        Assert.EndsWith("\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n", received, StringComparison.Ordinal);
        foreach (string gone in new[] { "X-Mine", "TE:", "Upgrade", "HTTP2", "Keep-Alive", "onnection", "ext=", "Cookie" })
        {
            Assert.DoesNotContain(gone, received, StringComparison.Ordinal);
        }
    }

    private static void ExpectRefusal(string answer, int status)
    {
        Assert.StartsWith($"HTTP/1.1 {status.ToString(CultureInfo.InvariantCulture)} ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nconnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(1, Count(answer, "HTTP/1.1 "));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
