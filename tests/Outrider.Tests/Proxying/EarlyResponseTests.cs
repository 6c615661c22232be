using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class EarlyResponseTests
{
    [Theory]
    [InlineData("content-length: 20000000", false)]
    [InlineData("content-length: 20000000", true)]
    [InlineData("transfer-encoding: chunked", false)]
    [InlineData("transfer-encoding: chunked", true)]
    public async Task An_answer_before_the_end_of_the_request_reaches_the_client_and_ends_the_connection(string framing, bool upstreamStaysOpen)
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await new WireReader(connection.Socket).ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 413 Content Too Large\r\ncontent-length: 8\r\n\r\ntoo much");
            if (upstreamStaysOpen)
            {
                _ = await new WireReader(connection.Socket).ReadBytesAsync(long.MaxValue);
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\n{framing}\r\n\r\n");
        await client.SendAsync(framing[0] == 't' ? "186a0\r\n" + new string('x', 100_000) + "\r\n" : new string('x', 100_000));
        var (head, body) = await answers.ReadMessageAsync();

        Assert.StartsWith("HTTP/1.1 413", head, StringComparison.Ordinal);
        Assert.Equal("close", WireReader.Field(head, "connection"));
        Assert.Equal("too much", body);
        Assert.True(await answers.IsAtEndAsync());
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task A_client_that_goes_on_sending_still_reads_the_answer()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await new WireReader(connection.Socket).ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 413 Content Too Large\r\ncontent-length: 8\r\n\r\ntoo much");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 20000000\r\n\r\n");
        for (int i = 0; i < 10; i++)
        {
            await client.SendAsync(TestBytes.Make(64 * 1024));
            await Task.Delay(20);
        }

        var (head, body) = await new WireReader(client.Socket).ReadMessageAsync();
        Assert.StartsWith("HTTP/1.1 413", head, StringComparison.Ordinal);
        Assert.Equal("too much", body);
    }

    [Fact]
    public async Task A_long_early_answer_arrives_whole_though_the_client_reads_late()
    {
        var down = TestBytes.Make(6 * 1024 * 1024);
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await new WireReader(connection.Socket).ReadHeadAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {down.Length}\r\n\r\n");
            await connection.Socket.SendAllAsync(down);
            _ = await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n");
        string head = await answers.ReadHeadAsync();
        var first = await answers.ReadBytesAsync(down.Length - (3 * 1024 * 1024));
        // Longer than the proxy waits for a client that has everything.
        await Task.Delay(2500);
        var rest = await answers.ReadBytesAsync(long.MaxValue);

        Assert.Equal("close", WireReader.Field(head, "connection"));
        Assert.Equal(TestBytes.Digest(down), TestBytes.Digest([.. first, .. rest]));
    }

    [Fact]
    public async Task Request_and_answer_may_stream_at_the_same_time()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await new WireReader(connection.Socket).ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            for (int i = 0; i < 3; i++)
            {
                string text = await connection.ReadAsync();
                await connection.SendAsync($"{text.Length:x}\r\n{text}\r\n");
            }

            await connection.SendAsync("0\r\n\r\n");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var reader = new WireReader(client.Socket);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n");
        _ = await reader.ReadHeadAsync();
        foreach (string piece in new[] { "abc", "def", "ghi" })
        {
            await client.SendAsync(piece);
            Assert.Equal($"3\r\n{piece}\r\n", System.Text.Encoding.Latin1.GetString(await reader.ReadBytesAsync(8)));
        }

        Assert.Equal("0\r\n\r\n"u8.ToArray(), await reader.ReadBytesAsync(5));
    }

    [Fact]
    public async Task A_client_is_held_back_when_the_upstream_answers_and_then_stops_reading()
    {
        var go = new TaskCompletionSource();
        var up = TestBytes.Make(Flow.Large);
        var received = new TaskCompletionSource<string>();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            _ = await reader.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel");
            await go.Task;
            received.SetResult(TestBytes.Digest(await reader.ReadBytesAsync(up.Length)));
            await connection.SendAsync("lo");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);
        await client.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {up.Length}\r\n\r\n");
        string head = await answers.ReadHeadAsync();

        int sent = 0;
        var sending = Flow.SendCountingAsync(client.Socket, up, count => Volatile.Write(ref sent, count));
        await Flow.StandsStillAsync(() => Volatile.Read(ref sent));
        int stoppedAt = Volatile.Read(ref sent);
        go.SetResult();

        Assert.InRange(stoppedAt, 1, Flow.MaxUnderway);
        Assert.Equal(TestBytes.Digest(up), await received.Task.SoonAsync());
        await sending;
        Assert.Equal("hello"u8.ToArray(), await answers.ReadBodyAsync(head));
    }
}
