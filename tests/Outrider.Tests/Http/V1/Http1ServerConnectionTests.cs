using System.Net.Sockets;
using System.Text;
using Outrider.Http.Rules;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http.V1;

/// <summary>What becomes of a connection with each way in which a response may end, and what it waits for and how long.</summary>
public sealed class Http1ServerConnectionTests
{
    private const string Page = "GET /page HTTP/1.1\r\nhost: a\r\n\r\n";

    [Theory]
    [InlineData("/length/2/hi", "content-length: 2\r\n\r\nhi")]
    [InlineData("/open/hi", "transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")]
    public async Task After_a_whole_response_it_waits_for_the_next_request(string target, string answer)
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = await RawClient.ConnectAsync(server.Port);
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync($"GET {target} HTTP/1.1\r\nhost: a\r\n\r\n");
            Assert.Equal("HTTP/1.1 200 OK\r\n" + answer, await client.ReadResponseAsync());
        }

        Assert.Equal(1, server.OpenCount);
    }

    [Theory]
    // What was cut off shows by the connection's end.
    [InlineData("GET /length/9/hi?cut HTTP/1.1", "content-length: 9\r\n\r\nhi", false)]
    [InlineData("GET /open/hi?cut HTTP/1.1", "transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n", false)]
    [InlineData("GET /nothing HTTP/1.1", null, false)]
    [InlineData("GET /reset HTTP/1.1", null, false)]
    // Less than was announced, and more.
    [InlineData("GET /length/9/hi HTTP/1.1", "content-length: 9\r\n\r\nhi", false)]
    [InlineData("GET /length/1/hi HTTP/1.1", "content-length: 1\r\n\r\nh", false)]
    // HTTP/1.0 knows no chunks: the connection's end is the body's, and only a reset can say that it is none.
    [InlineData("GET /open/hi HTTP/1.0", "connection: close\r\n\r\nhi", false)]
    [InlineData("GET /open/hi?cut HTTP/1.0", "connection: close\r\n\r\nhi", true)]
    [InlineData("GET /length/2/hi HTTP/1.0", "content-length: 2\r\nconnection: close\r\n\r\nhi", false)]
    public async Task It_ends_where_the_next_request_could_not_be_told_from_this_one(string request, string? answer, bool isReset)
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = await RawClient.ConnectAsync(server.Port);
        await client.SendAsync(request + "\r\nhost: a\r\n\r\n");

        var (text, wasReset) = await ReadToEndAsync(client);

        Assert.Equal(isReset, wasReset);
        if (!isReset)
        {
            Assert.Equal(answer is null ? "" : "HTTP/1.1 200 OK\r\n" + answer, text);
        }

        await Eventually.HoldsAsync(() => server.OpenCount == 0);
    }

    [Fact]
    public async Task An_HTTP_1_0_client_that_asks_for_it_keeps_its_connection_where_the_length_is_known()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = await RawClient.ConnectAsync(server.Port);
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync("GET /length/2/hi HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
            Assert.Equal("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nhi", await client.ReadResponseAsync());
        }
    }

    [Fact]
    public async Task An_answer_to_a_request_that_is_not_all_here_is_the_last_and_reaches_who_still_sends()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = await RawClient.ConnectAsync(server.Port);
        await client.SendAsync("POST /length/2/hi HTTP/1.1\r\nhost: a\r\ncontent-length: 200000\r\n\r\n" + new string('x', 100_000));

        Assert.Equal("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi", await client.ReadResponseAsync());
        await client.SendAsync(new string('x', 100_000));
        client.Shutdown();

        Assert.Equal(("", false), await ReadToEndAsync(client));
    }

    [Fact]
    public async Task While_its_listener_goes_away_each_response_is_the_last()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = await RawClient.ConnectAsync(server.Port);
        await client.SendAsync("GET /length/2/hi HTTP/1.1\r\nhost: a\r\n\r\n");
        _ = await client.ReadResponseAsync();
        server.IsDraining = true;
        await client.SendAsync("GET /length/2/hi HTTP/1.1\r\nhost: a\r\n\r\n");

        Assert.Equal(("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi", false), await ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_request_that_follows_does_not_give_a_client_that_takes_nothing_more_time()
    {
        await using var server = await ScriptedServer.StartAsync(new HttpLimits { SendTimeout = 4000 });
        using var client = await ConnectWithSmallBufferAsync(server.Port);
        await FillAsync(server, client, Page + Page + Page);

        await client.SendAsync(Page);

        await Eventually.HoldsAsync(() => server.OpenCount == 0);
    }

    [Fact]
    public async Task A_body_that_is_complete_does_not_give_a_client_that_takes_nothing_more_time()
    {
        await using var server = await ScriptedServer.StartAsync(new HttpLimits { SendTimeout = 4000 });
        using var client = await ConnectWithSmallBufferAsync(server.Port);
        await client.SendAsync("POST /pour HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nab");
        await Eventually.HoldsAsync(server.IsBlockedAsync);

        await client.SendAsync("cd");

        await Eventually.HoldsAsync(() => server.OpenCount == 0);
    }

    [Fact]
    public async Task A_head_that_began_before_its_client_took_the_answers_is_still_waited_for_no_longer_than_it_may_take()
    {
        await using var server = await ScriptedServer.StartAsync(new HttpLimits { HeaderTimeout = 6000, MinHeaderRate = 0 });
        using var client = await ConnectWithSmallBufferAsync(server.Port);
        await client.SendAsync(Page[..10]);
        // Answers go out with the beginning of the next request read already.
        await FillAsync(server, client, Page[10..] + Page + Page + Page[..10]);

        var (text, _) = await ReadToEndAsync(client);

        Assert.Contains("HTTP/1.1 408 ", text[^500..], StringComparison.Ordinal);
    }

    // Sends three requests at a time, whose answers are written when all are read, until the kernel takes no more of those.
    private static async Task FillAsync(ScriptedServer server, RawClient client, string requests)
    {
        for (int ended = 3; !await server.IsBlockedAsync(); ended += 3)
        {
            await client.SendAsync(requests);
            await Eventually.HoldsAsync(() => server.EndedCount == ended);
        }
    }

    private static async Task<RawClient> ConnectWithSmallBufferAsync(int port)
    {
        var client = await RawClient.ConnectAsync(port);
        client.Socket.ReceiveBufferSize = 64 * 1024;
        return client;
    }

    // Unlike RawClient's own it tells a reset from an end.
    private static async Task<(string Text, bool WasReset)> ReadToEndAsync(RawClient client)
    {
        var text = new StringBuilder();
        var buffer = new byte[64 * 1024];
        try
        {
            while (await client.Socket.ReceiveAsync(buffer).WaitAsync(Eventually.Patience) is > 0 and var count)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            return (text.ToString(), true);
        }

        return (text.ToString(), false);
    }
}
