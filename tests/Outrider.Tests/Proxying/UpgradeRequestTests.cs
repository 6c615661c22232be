using Outrider.Filters;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

/// <summary>Requests that ask for an upgrade: with a body (what <c>docker exec</c> sends), with a choice of protocols, through filters that want everything.</summary>
public sealed partial class UpgradeRequestTests
{
    private const string Accept = "HTTP/1.1 101 UPGRADED\r\nconnection: Upgrade\r\nupgrade: tcp\r\n\r\n";
    private const string Body = "{\"Detach\":false,\"Tty\":false}";

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 10)]
    [InlineData(true, 0)]
    [InlineData(true, 10)]
    public async Task A_body_goes_first_and_the_tunnel_follows(bool chunked, int cut)
    {
        using var upstream = Tunnel();
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var reader = new WireReader(client.Socket);
        string ask = Ask(chunked) + "early";

        // In two pieces, the cut amid the body.
        await client.SendAsync(ask[..^(5 + cut)]);
        await client.SendAsync(ask[^(5 + cut)..]);
        string head = await reader.ReadHeadAsync();

        Assert.StartsWith("HTTP/1.1 101 UPGRADED\r\n", head, StringComparison.Ordinal);
        Assert.Equal("tcp", WireReader.Field(head, "upgrade"));
        Assert.Equal("EARLY"u8.ToArray(), await reader.ReadBytesAsync(5));
        await client.SendAsync("more");
        Assert.Equal("MORE"u8.ToArray(), await reader.ReadBytesAsync(4));
        Assert.Contains("upgrade: tcp\r\n", upstream.Received, StringComparison.OrdinalIgnoreCase);
        // Chunks are made of what arrived together, which is the kernel's choice.
        Assert.Contains(Body, chunked ? ChunkEnds().Replace(upstream.Received, "") : upstream.Received, StringComparison.Ordinal);
        client.Shutdown();
        Assert.True(await reader.IsAtEndAsync());
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, ConnectionsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task A_body_of_an_upgrade_that_is_declined_is_the_requests()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                await connection.SendAsync(FilterExchange.Response(FilterExchange.BodyOf(request)));
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync(Ask(chunked: false) + "GET /next HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        string seen = await client.ReadToEndAsync();

        Assert.Contains("\r\n\r\n" + Body + "HTTP/1.1 200 OK\r\n", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upgrade_that_is_accepted_before_the_body_has_come_is_not_believed()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadAsync();
            await connection.SendAsync(Accept);
            _ = await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        string seen = await RawClient.ExchangeAsync(proxy.Port, Ask(chunked: false)[..^10]);

        Assert.StartsWith("HTTP/1.1 502 ", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("upgrade: websocket, h2c")]
    [InlineData("upgrade: h2c,websocket\r\nhttp2-settings: AAMAAABkAAQAAP__")]
    [InlineData("upgrade: h2c\r\nupgrade: websocket")]
    public async Task Of_several_protocols_those_that_may_become_a_tunnel_go_on(string fields)
    {
        using var upstream = RawUpstream.Answering(FilterExchange.Response("no"));
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        _ = await proxy.SendAsync($"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, http2-settings\r\n{fields}\r\n\r\n");

        Assert.Contains("\r\nupgrade: websocket\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.Contains("\r\nconnection: upgrade\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.DoesNotContain("h2c", upstream.Received, StringComparison.Ordinal);
        Assert.DoesNotContain("http2-settings", upstream.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_that_wants_the_whole_of_a_101_lets_it_pass()
    {
        var filter = new Script
        {
            EncodeResponse = (_, _, _, _) => throw new InvalidOperationException("there is nothing whole"),
            DecodeRequest = (_, _, body, _) => { body.Append("!"u8); return FilterAction.Continue; },
        };
        using var upstream = Tunnel();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var reader = new WireReader(client.Socket);

        await client.SendAsync(Ask(chunked: false));
        Assert.StartsWith("HTTP/1.1 101 ", await reader.ReadHeadAsync(), StringComparison.Ordinal);
        await client.SendAsync("abc");

        Assert.Equal("ABC"u8.ToArray(), await reader.ReadBytesAsync(3));
        Assert.Contains(Body + "!", upstream.Received, StringComparison.Ordinal);
    }

    private static string Ask(bool chunked) => "POST /exec/1/start HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: tcp\r\n"
        + (chunked ? $"transfer-encoding: chunked\r\n\r\n1c\r\n{Body}\r\n0\r\n\r\n" : $"content-length: 28\r\n\r\n{Body}");

    private static RawUpstream Tunnel() => new(async (connection, number) =>
    {
        _ = await connection.ReadRequestAsync();
        await connection.SendAsync(Accept);
        while (await connection.ReadAsync() is { Length: > 0 } text)
        {
            await connection.SendAsync(text.ToUpperInvariant());
        }
    });

    // The end of one chunk and the size of the next.
    [System.Text.RegularExpressions.GeneratedRegex("\r\n[0-9a-f]+\r\n")]
    private static partial System.Text.RegularExpressions.Regex ChunkEnds();
}
