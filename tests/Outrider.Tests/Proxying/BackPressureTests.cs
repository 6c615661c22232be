using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class BackPressureTests
{
    [Theory]
    [InlineData("length")]
    [InlineData("chunked")]
    [InlineData("close")]
    public async Task A_client_that_does_not_read_stops_the_upstream_and_gets_everything_once_it_does(string framing)
    {
        var down = TestBytes.Make(Flow.Large);
        int sent = 0;
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n" + framing switch
            {
                "length" => $"content-length: {down.Length}\r\n\r\n",
                "chunked" => "transfer-encoding: chunked\r\n\r\n",
                _ => "\r\n",
            });
            await Flow.SendCountingAsync(connection.Socket, framing == "chunked" ? TestBytes.Chunked(down, 3_333) : down, count => Volatile.Write(ref sent, count));
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        string head = await answers.ReadHeadAsync();
        await Flow.StandsStillAsync(() => Volatile.Read(ref sent));

        Assert.InRange(Volatile.Read(ref sent), 1, Flow.MaxUnderway);
        Assert.Equal(TestBytes.Digest(down), TestBytes.Digest(await answers.ReadBodyAsync(head)));
        Assert.False(answers.IsTruncated);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upstream_that_does_not_read_stops_the_client_and_gets_everything_once_it_does(bool chunked)
    {
        var up = TestBytes.Make(Flow.Large);
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            string head = await reader.ReadHeadAsync();
            await go.Task;
            string digest = TestBytes.Digest(await reader.ReadBodyAsync(head));
            await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {digest.Length}\r\n\r\n{digest}");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        int sent = 0;
        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\n" + (chunked ? "transfer-encoding: chunked\r\n\r\n" : $"content-length: {up.Length}\r\n\r\n"));
        var sending = Flow.SendCountingAsync(client.Socket, chunked ? TestBytes.Chunked(up, 3_333) : up, count => Volatile.Write(ref sent, count));
        await Flow.StandsStillAsync(() => Volatile.Read(ref sent));
        int stoppedAt = Volatile.Read(ref sent);
        go.SetResult();
        var (_, body) = await new WireReader(client.Socket).ReadMessageAsync();
        await sending;

        Assert.InRange(stoppedAt, 1, Flow.MaxUnderway);
        Assert.Equal(TestBytes.Digest(up), body);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(65536)]
    [InlineData(1048576)]
    public async Task Any_size_of_reads_carries_large_bodies(int size)
    {
        var body = TestBytes.Make(5 * 1024 * 1024);
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            var got = await reader.ReadBodyAsync(await reader.ReadHeadAsync());
            await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            await connection.Socket.SendAllAsync(TestBytes.Chunked(got, 99_999));
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], listener: $",\"default_read_buffer_size\":{size}");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {body.Length}\r\n\r\n");
        await client.Socket.SendAllAsync(body);

        Assert.Equal(TestBytes.Digest(body), TestBytes.Digest(await answers.ReadBodyAsync(await answers.ReadHeadAsync())));
    }

    [Fact]
    public async Task Chunks_keep_their_order_when_a_jerky_reader_stops_and_starts_the_upstream()
    {
        var down = TestBytes.Make(16 * 1024 * 1024);
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            await connection.Socket.SendAllAsync(TestBytes.Chunked(down, 517));
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(async index =>
        {
            using var client = await RawClient.ConnectAsync(proxy.Port);
            client.Socket.ReceiveBufferSize = 16 * 1024;
            var answers = new WireReader(client.Socket);
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");

            Assert.Equal(TestBytes.Digest(down), TestBytes.Digest(await answers.ReadBodyAsync(await answers.ReadHeadAsync())));
        }));
    }
}
