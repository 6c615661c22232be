using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class InterimResponseTests
{
    [Fact]
    public async Task The_upstreams_100_lets_a_waiting_client_send_its_body()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            string head = await reader.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            var body = await reader.ReadBodyAsync(head);
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nx-expect: {WireReader.Field(head, "expect")}\r\ncontent-length: 1\r\n\r\n{body.Length}");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await answers.ReadHeadAsync());
        await client.SendAsync("hello");
        var (head, answer) = await answers.ReadMessageAsync();

        Assert.Equal("100-continue", WireReader.Field(head, "x-expect"));
        Assert.Equal("5", answer);
    }

    [Fact]
    public async Task An_upstream_that_answers_a_waiting_client_at_once_ends_the_connection()
    {
        // ReadRequestAsync waits for bodies; this head promises one that never comes.
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadAsync();
            await connection.SendAsync("HTTP/1.1 417 Expectation Failed\r\ncontent-length: 2\r\n\r\nno");
            _ = await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n");
        var (head, body) = await answers.ReadMessageAsync();

        Assert.StartsWith("HTTP/1.1 417", head, StringComparison.Ordinal);
        Assert.Equal("close", WireReader.Field(head, "connection"));
        Assert.Equal("no", body);
        Assert.True(await answers.IsAtEndAsync());
    }

    [Fact]
    public async Task A_client_that_does_not_wait_for_the_100_is_served_all_the_same()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            string head = await reader.ReadHeadAsync();
            var body = await reader.ReadBodyAsync(head);
            await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{body.Length}");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\nhello");

        Assert.Equal("5", (await new WireReader(client.Socket).ReadMessageAsync()).Body);
    }

    [Fact]
    public async Task A_100_that_nobody_waits_for_stays_here()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        Assert.StartsWith("HTTP/1.1 200", await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Early_hints_reach_an_HTTP_1_1_client_before_the_answer()
    {
        const string Hints = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n";
        using var upstream = RawUpstream.Answering(Hints + Hints + "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        string answer = await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        string old = await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.0\r\nhost: a\r\n\r\n");

        Assert.StartsWith(Hints + Hints + "HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", old, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upstream_that_never_comes_to_its_answer_is_given_up()
    {
        using var upstream = RawUpstream.Answering(string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100)));
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        string answer = await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        Assert.Contains("HTTP/1.1 502", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hints_for_a_client_that_does_not_read_do_not_pile_up_and_the_answer_reaches_it()
    {
        const int Hints = 15;
        string hint = $"HTTP/1.1 103 Early Hints\r\nlink: {new string('x', 50_000)}\r\n\r\n";
        int sent = 0;
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            for (int i = 0; i < Hints; i++)
            {
                await connection.SendAsync(hint);
                Volatile.Write(ref sent, i + 1);
            }

            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            _ = await connection.ReadAsync();
        });
        // A Unix socket holds 208 KiB (net.core.wmem_default) and does not grow.
        string name = "@outrider-" + Guid.NewGuid().ToString("n");
        await using var proxy = await TestProxy.StartJsonAsync($$$"""
            {"servers":[{"default_log_path":"/dev/null","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
            "listeners":[{"name":"l","address":"{{{name}}}","network":"unix","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"{{{upstream.Address}}}"}]}]}}
            """);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint("\0" + name[1..]));
        await client.SendAllAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        // The kernel holds them all on their way to the proxy, so that nothing but the proxy drops any.
        await Eventually.HoldsAsync(() => Volatile.Read(ref sent) == Hints);
        await Eventually.HoldsAsync(() => client.Available > 100_000);
        await Flow.StandsStillAsync(() => client.Available);

        var reader = new WireReader(client);
        int seen = 0;
        string head;
        while ((head = await reader.ReadHeadAsync()).StartsWith("HTTP/1.1 103", StringComparison.Ordinal))
        {
            seen++;
        }

        Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
        Assert.InRange(seen, 1, Hints - 1);
    }
}
