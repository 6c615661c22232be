using System.Net;
using Outrider.Http.Streams;
using Outrider.Http.V1.Client;
using Outrider.Tests.Harness;
using Outrider.Tests.Net;

namespace Outrider.Tests.Http.V1;

/// <summary>The client against a server that sends whatever it is told to: what its receiver is told, and what becomes of the connection.</summary>
/// <param name="fixture">A loop.</param>
public sealed class Http1ClientConnectionTests(LoopFixture fixture) : IClassFixture<LoopFixture>
{
    private readonly CodecClient _client = new(fixture.Loop, Http1UpstreamCodec.Instance);

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\na: b\r\ncontent-length: 2\r\n\r\nhi", "200 a=b content-length=2; hi")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "204")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n", "200; hi!")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nsum: 7\r\n\r\n", "200; trailers sum=7; hi")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", "103; 204")]
    public async Task One_exchange_follows_the_other_on_one_connection(string response, string wanted)
    {
        using var upstream = RawUpstream.Answering(response);
        await ConnectAsync(upstream);
        for (int i = 1; i <= 3; i++)
        {
            var exchange = new NotedExchange();
            _ = await _client.SendAsync(exchange);

            Assert.Equal(wanted, await exchange.Told);
            Assert.Equal((i, 0, 1), (_client.Connection.ExchangeCount, _client.Connection.ActiveExchanges, _client.Connection.FreeSlots));
        }

        Assert.Equal(1, upstream.Connections);
        await CloseAsync();
    }

    [Fact]
    public async Task A_response_may_come_byte_by_byte()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            foreach (char letter in "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\na: b\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nsum: 7\r\n\r\n")
            {
                await connection.SendAsync(letter.ToString());
                await Task.Yield();
            }

            _ = await connection.ReadAsync();
        });
        await ConnectAsync(upstream);
        var exchange = new NotedExchange();
        _ = await _client.SendAsync(exchange);

        Assert.Equal("103; 200 a=b; trailers sum=7; hi", await exchange.Told);
        await CloseAsync();
    }

    [Theory]
    // What ends with the connection, what forbids another exchange, and what came behind the response.
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhi", "200; hi", true)]
    [InlineData("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi", "200 content-length=2; hi", false)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi!", "200 content-length=2; hi", false)]
    public async Task After_such_a_response_the_connection_is_not_used_again(string response, string wanted, bool ends)
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync(response);
            if (!ends)
            {
                _ = await connection.ReadAsync();
            }
        });
        await ConnectAsync(upstream);
        var exchange = new NotedExchange();
        _ = await _client.SendAsync(exchange);

        Assert.Equal(wanted, await exchange.Told);
        _ = await _client.Closed;
        Assert.Equal(0, await FreeSlotsAsync());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("H", true)]
    [InlineData("HTTP/1.1 103 Early Hints\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhi", true)]
    public async Task A_response_that_breaks_off_says_how_far_it_came(string part, bool begun)
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync(part);
        });
        await ConnectAsync(upstream);
        var exchange = new NotedExchange();
        _ = await _client.SendAsync(exchange);

        _ = await exchange.Told;
        Assert.Equal((ResetReason.PeerClosed, begun, false, false), (exchange.Failure.Reason, exchange.Failure.ResponseBegun, exchange.Failure.NothingSent, exchange.Failure.WasReused));
        _ = await _client.Closed;
    }

    [Theory]
    [InlineData("HTTP/9 200 OK\r\n\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxy\r\n", true)]
    public async Task What_is_not_HTTP_is_an_error_and_ends_the_connection(string response, bool begun)
    {
        using var upstream = RawUpstream.Answering(response);
        await ConnectAsync(upstream);
        var exchange = new NotedExchange();
        _ = await _client.SendAsync(exchange);

        _ = await exchange.Told;
        Assert.Equal((ResetReason.ProtocolError, begun), (exchange.Failure.Reason, exchange.Failure.ResponseBegun));
        Assert.NotNull(exchange.Failure.Protocol);
        _ = await _client.Closed;
    }

    [Fact]
    public async Task An_exchange_that_is_cancelled_hears_nothing_more_and_its_connection_closes()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 O");
            _ = await connection.ReadAsync();
        });
        await ConnectAsync(upstream);
        var exchange = new NotedExchange();
        var sent = await _client.SendAsync(exchange);
        await _client.OnLoopAsync(sent.Cancel);

        _ = await _client.Closed;
        Assert.Equal(0, await FreeSlotsAsync());
        Assert.Equal("", exchange.ToldSoFar);
    }

    [Fact]
    public async Task An_answer_that_comes_before_the_whole_request_is_the_connections_last()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadAsync();
            await connection.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");
            _ = await connection.ReadAsync();
        });
        await ConnectAsync(upstream);
        var exchange = new NotedExchange();
        await _client.BeginAsync(exchange);

        Assert.Equal("204", await exchange.Told);
        _ = await _client.Closed;
    }

    [Fact]
    public async Task Draining_waits_for_the_exchange_at_hand()
    {
        var answer = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await answer.Task;
            await connection.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");
            _ = await connection.ReadAsync();
        });
        await ConnectAsync(upstream);
        var exchange = new NotedExchange();
        _ = await _client.SendAsync(exchange);
        await _client.OnLoopAsync(_client.Connection.Drain);
        answer.SetResult();

        Assert.Equal("204", await exchange.Told);
        _ = await _client.Closed;
    }

    // On the loop: what a call-back tells has then been done with.
    private async Task<int> FreeSlotsAsync()
    {
        int count = -1;
        await _client.OnLoopAsync(() => count = _client.Connection.FreeSlots);
        return count;
    }

    private Task ConnectAsync(RawUpstream upstream) => _client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, upstream.Port));

    private Task CloseAsync() => _client.OnLoopAsync(_client.Connection.Transport.Close);
}
