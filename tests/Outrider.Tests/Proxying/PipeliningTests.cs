using System.Globalization;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class PipeliningTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public async Task Three_requests_in_one_packet_are_answered_in_order(int slowness)
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                await Task.Delay(slowness);
                string path = request.Split(' ')[1];
                await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {path.Length}\r\n\r\n{path}");
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync("GET /1 HTTP/1.1\r\nhost: a\r\n\r\nPOST /2 HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        Assert.Equal("/1", (await answers.ReadMessageAsync()).Body);
        Assert.Equal("/2", (await answers.ReadMessageAsync()).Body);
        Assert.Equal("/3", (await answers.ReadMessageAsync()).Body);
        Assert.True(await answers.IsAtEndAsync());
    }

    [Theory]
    [InlineData("""[{"match":{"prefix":"/"},"direct_response":{"status":200,"body":"BODY"}}]""")]
    [InlineData("""[{"match":{"prefix":"/"},"redirect":{"path_redirect":"/BODY"}}]""")]
    public async Task A_client_that_reads_no_answers_gets_no_more_of_them_than_its_connection_holds(string route)
    {
        const string Request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        string body = new('x', 7 * 1024);
        int requests = 64 * 1024 / Request.Length;
        await using var proxy = await TestProxy.StartAsync([], route: route.Replace("BODY", body, StringComparison.Ordinal));
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(string.Concat(Enumerable.Repeat(Request, requests)));
        await Flow.StandsStillAsync(() => (int)proxy.Stats.StreamsTotal);

        // The kernel's send buffer grows to 4 MiB (tcp_wmem), and on loopback the client's to 6 MiB (tcp_rmem).
        Assert.InRange(proxy.Stats.StreamsTotal * body.Length, 1, 12 * 1024 * 1024);

        client.Shutdown();
        string all = await client.ReadToEndAsync();
        Assert.Equal(requests, all.Split("HTTP/1.1 ").Length - 1);
        Assert.Equal(requests, proxy.Stats.StreamsTotal);
    }

    [Fact]
    public async Task Requests_stay_in_order_however_their_bytes_meet_the_answers()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                string path = request.Split(' ')[1];
                await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {path.Length}\r\n\r\n{path}");
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        const int Clients = 4;
        const int Requests = 500;

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async index =>
        {
            using var client = await RawClient.ConnectAsync(proxy.Port);
            var answers = new WireReader(client.Socket);
            var sending = Task.Run(async () =>
            {
                // Pieces that end in the middle of requests, so that some always waits behind what is being answered.
                string all = string.Concat(Enumerable.Range(0, Requests).Select(i => $"GET /{i} HTTP/1.1\r\nhost: a\r\n\r\n"));
                for (int i = 0; i < all.Length; i += 100)
                {
                    await client.SendAsync(all.Substring(i, Math.Min(100, all.Length - i)));
                }
            });
            for (int i = 0; i < Requests; i++)
            {
                Assert.Equal("/" + i.ToString(CultureInfo.InvariantCulture), (await answers.ReadMessageAsync()).Body);
            }

            await sending;
        }));
    }

    [Fact]
    public async Task Requests_behind_one_that_closes_are_not_served_and_do_not_destroy_its_answer()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET /1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\n\r\n");
        await client.SendAsync("GET /3 HTTP/1.1\r\nhost: a\r\n\r\n");
        string answer = await client.ReadToEndAsync();

        Assert.EndsWith("\r\n\r\nok", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("GET /2", upstream.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_sends_its_requests_and_shuts_down_gets_all_answers()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync(string.Concat(Enumerable.Repeat("GET / HTTP/1.1\r\nhost: a\r\n\r\n", 3)));
        client.Shutdown();

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("ok", (await answers.ReadMessageAsync()).Body);
        }

        Assert.True(await answers.IsAtEndAsync());
    }
}
