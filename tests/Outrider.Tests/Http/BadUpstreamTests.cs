using Outrider.Tests.Harness;

namespace Outrider.Tests.Http;

/// <summary>What an upstream sends is checked as strictly as what a client sends; a connection that sent something bad is never asked again.</summary>
public sealed class BadUpstreamTests
{
    private const string Request = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    private const string Stolen = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nstolen";

    public static TheoryData<string> BadHeads => [.. BadResponses.Names.Where(name => !BadResponses.IsBody(name))];

    public static TheoryData<string> BadBodies => [.. BadResponses.Names.Where(BadResponses.IsBody)];

    [Theory]
    [MemberData(nameof(BadHeads))]
    public async Task A_bad_response_is_a_502_and_its_connection_is_not_used_again(string name)
    {
        using var upstream = FirstAnswering(BadResponses.Get(name).Text);
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync(Request);
        string bad = await client.ReadResponseAsync();
        await client.SendAsync(Request);
        string good = await client.ReadResponseAsync();

        Assert.StartsWith("HTTP/1.1 502 Bad Gateway\r\n", bad, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nok", good, StringComparison.Ordinal);
        Assert.Equal(2, upstream.Connections);
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_response_that_turns_bad_is_seen_to_be_cut_off(string name)
    {
        using var upstream = FirstAnswering(BadResponses.Get(name).Text);
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        string bad = await RawClient.ExchangeAsync(proxy.Port, Request);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Request);

        Assert.DoesNotContain("0\r\n\r\n", bad, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nok", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(2, upstream.Connections);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirst")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\nx-sum: 1\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n")]
    public async Task Bytes_behind_a_response_never_become_the_answer_to_the_next_request(string response)
    {
        // At once, and later, when the connection may be resting already.
        foreach (bool later in new[] { false, true })
        {
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var sendLater = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var upstream = new RawUpstream(async (connection, number) =>
            {
                while (await connection.ReadRequestAsync() is { Length: > 0 })
                {
                    if (number > 1)
                    {
                        await connection.SendAsync(Ok);
                        continue;
                    }

                    try
                    {
                        await connection.SendAsync(later ? response : response + Stolen);
                        if (later)
                        {
                            await sendLater.Task;
                            await connection.SendAsync(Stolen);
                        }

                        Assert.Equal("", await connection.ReadAsync());
                    }
                    finally
                    {
                        gone.TrySetResult();
                    }
                }
            });
            await using var proxy = await TestProxy.StartAsync([upstream.Address]);
            using var client = await RawClient.ConnectAsync(proxy.Port);

            await client.SendAsync(Request);
            string expected = response.Contains("x-sum", StringComparison.Ordinal) ? "x-sum: 1\r\n\r\n" : response.Contains("chunked\r\n\r\n5", StringComparison.Ordinal) ? "0\r\n\r\n" : response.Contains("\r\n\r\nfirst", StringComparison.Ordinal) ? "first" : "\r\n\r\n";
            string first = await client.ReadUntilAsync(text => text.Contains("\r\n\r\n", StringComparison.Ordinal) && text.EndsWith(expected, StringComparison.Ordinal));
            sendLater.SetResult();
            await gone.Task.WaitAsync(Eventually.Patience);
            await client.SendAsync(Request);
            string second = await client.ReadResponseAsync();

            Assert.DoesNotContain("stolen", first + second, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\nok", second, StringComparison.Ordinal);
            Assert.Equal(2, upstream.Connections);
        }
    }

    [Fact]
    public async Task A_body_that_comes_with_the_answer_to_HEAD_is_nobodys_answer()
    {
        using var upstream = FirstAnswering("HTTP/1.1 200 OK\r\ncontent-length: 44\r\n\r\n" + Stolen);
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync("HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n");
        string head = await client.ReadUntilAsync(text => text.EndsWith("\r\n\r\n", StringComparison.Ordinal));
        await client.SendAsync(Request);

        Assert.Contains("\r\ncontent-length: 44\r\n", head, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nok", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(2, upstream.Connections);
    }

    [Fact]
    public async Task A_response_that_drips_in_is_the_same_response()
    {
        const string Response = "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\nConnection: x-a\r\nX-A: 1\r\nX-B: 2\r\n\r\n1;a=\"b\"\r\na\r\n2\r\nbc\r\n0\r\nX-Sum: 1\r\n\r\n";
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                foreach (char c in Response)
                {
                    await connection.SendAsync(c.ToString());
                }
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync(Request);
            string answer = await client.ReadUntilAsync(text => text.EndsWith("X-Sum: 1\r\n\r\n", StringComparison.Ordinal));
            Assert.StartsWith("HTTP/1.1 200 Fine\r\nX-B: 2\r\ntransfer-encoding: chunked\r\n\r\n", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("=\"b\"", answer, StringComparison.Ordinal);
        }

        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task Informational_responses_pass_but_not_without_end()
    {
        const string Hint = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                await connection.SendAsync(string.Concat(Enumerable.Repeat(Hint, number == 1 ? 100_000 : 16)) + Ok);
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        using var flooded = await RawClient.ConnectAsync(proxy.Port);
        await flooded.SendAsync(Request);
        string bad = await flooded.ReadUntilAsync(text => text.Contains("HTTP/1.1 502 ", StringComparison.Ordinal));
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Request);
        string good = await client.ReadUntilAsync(text => text.EndsWith("\r\n\r\nok", StringComparison.Ordinal));

        Assert.Equal(17, bad.Split("HTTP/1.1 ").Length - 1);
        Assert.Equal(17, good.Split("HTTP/1.1 ").Length - 1);
        Assert.Contains("HTTP/1.1 200 OK\r\n", good, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_100_that_the_client_did_not_ask_for_stays_here()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 100 Continue\r\n\r\n" + Ok);
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Request);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upgrade_to_HTTP_2_is_not_passed_on_and_its_acceptance_is_not_believed()
    {
        using var upstream = FirstAnswering("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: H2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("upgrade", upstream.Received, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("settings", upstream.Received, StringComparison.OrdinalIgnoreCase);
    }

    // The first connection answers what it is told and waits for its end; the others are good.
    private static RawUpstream FirstAnswering(string response) => new(async (connection, number) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 })
        {
            await connection.SendAsync(number == 1 ? response : Ok);
        }
    });
}
