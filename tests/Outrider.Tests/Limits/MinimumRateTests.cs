using System.Net.Sockets;
using System.Text;
using Outrider.Http.V2.Framing;
using Outrider.Tests.Harness;
using Outrider.Tests.Http.V2;
using Outrider.Tests.Logging;

namespace Outrider.Tests.Limits;

/// <summary>Clients that send, and not enough: each keeps well below the limits for silence, and does not get away with it.</summary>
public sealed class MinimumRateTests : IDisposable
{
    private const string Answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

    // A thousand bytes a second; the drops below are fifty.
    private const string Limits = "\"min_header_rate\": 1000, \"min_body_rate\": 1000, \"min_rate_grace\": \"300ms\"";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\nx: ", "y", "head")]
    [InlineData("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n", "y", "body")]
    [InlineData("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\ny\r\n", "body")]
    [InlineData("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\ny\r\n0\r\nx: ", "y", "body")]
    public async Task Who_drips_over_HTTP_1_gets_408_with_its_flag_and_is_counted(string start, string drop, string part)
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await StartAsync([upstream.Address], Limits);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(start);
        var reading = client.ReadToEndAsync();

        await DripAsync(() => client.SendAsync(drop), reading);

        Assert.StartsWith("HTTP/1.1 408", await reading, StringComparison.Ordinal);
        await LoggedAsync($"408 MR the {part} arrives more slowly than the listener allows");
        Assert.Equal(part == "head" ? (1, 0) : (0, 1), Slow(proxy));
        Assert.Equal(1, proxy.Stats.ProtocolErrors);
        await Eventually.HoldsAsync(() => proxy.Stats is { ConnectionsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task Who_sends_at_the_rate_is_served_however_small_the_pieces()
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await StartAsync([upstream.Address], "\"min_header_rate\": 10, \"min_body_rate\": 10, \"min_rate_grace\": \"4s\"");
        using var client = await RawClient.ConnectAsync(proxy.Port);

        // A byte each 20 ms is five times the rate, and all of it is longer than the grace. A machine that is busy keeps this client from sending for a while,
        // and that is slow too: so the grace is long.
        foreach (char c in "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 250\r\n\r\n" + new string('x', 250))
        {
            await client.SendAsync(c.ToString());
            await Task.Delay(20);
        }

        Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal((0, 0), Slow(proxy));
    }

    [Fact]
    public async Task A_host_that_takes_its_time_does_not_make_its_client_slow()
    {
        const int size = 20_000_000;
        var taken = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            await taken.Task;
            byte[] buffer = new byte[1 << 16];
            for (int received = 0; received < size;)
            {
                received += await connection.Socket.ReceiveAsync(buffer);
            }

            await connection.SendAsync(Answer);
        });
        await using var proxy = await StartAsync([upstream.Address], "\"min_header_rate\": 1000, \"min_body_rate\": 1000, \"min_rate_grace\": \"2s\"");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var sending = client.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {size}\r\n\r\n{new string('x', size)}");

        // The graces that pass here are the proxy's own: it takes nothing. Then the client goes on at full speed.
        await Task.Delay(5000);
        Assert.False(sending.IsCompleted);
        taken.SetResult();

        await sending.SoonAsync();
        Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal((0, 0), Slow(proxy));
    }

    [Fact]
    public async Task Who_drips_a_body_over_HTTP_2_gets_408_and_the_connection_lives()
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await StartAsync([upstream.Address], Limits, "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);
        await client.SendHeadersAsync(1, 4, Http2Frames.Post);
        var reading = client.EndOfAsync(1);

        await DripAsync(() => client.SendAsync(FrameType.Data, 0, 1, "y"u8.ToArray()), reading);

        Assert.Equal("408", await reading);
        await LoggedAsync("408 MR the body arrives more slowly than the listener allows");
        Assert.Equal((0, 1), Slow(proxy));
        await client.SendHeadersAsync(3, 5, Http2Frames.Get);
        Assert.Equal("200", await client.EndOfAsync(3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_drips_a_head_over_HTTP_2_is_sent_away(bool inOneFrame)
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await StartAsync([upstream.Address], Limits, "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);
        byte[] head = Http2Frames.Frame(FrameType.Headers, 0, 1, Http2Frames.Block([.. Http2Frames.Get, ("x", new string('y', 5000))]));
        int sent = inOneFrame ? 20 : head.Length;
        await client.SendBytesAsync(head.AsMemory(0, sent));
        var reading = client.EndOfAsync(-1);

        await DripAsync(
            () => inOneFrame ? client.SendBytesAsync(head.AsMemory(sent++, 1)) : client.SendAsync(FrameType.Continuation, 0, 1, [0]),
            reading);

        Assert.Equal("GOAWAY EnhanceYourCalm", await reading);
        await LoggedAsync("408 MR the head arrives more slowly than the listener allows");
        Assert.Equal((1, 0), Slow(proxy));
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0);
    }

    [Fact]
    public async Task A_gRPC_stream_may_have_little_to_say()
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await StartAsync([upstream.Address], Limits, "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);
        await client.SendHeadersAsync(1, 4, [.. Http2Frames.Post, ("content-type", "application/grpc")]);
        await client.SendHeadersAsync(3, 4, Http2Frames.Post);

        // The other one, begun later, is too slow first; the call goes on.
        Assert.Equal("408", await client.EndOfAsync(3));
        await client.SendAsync(FrameType.Data, 1, 1, [0, 0, 0, 0, 0]);
        await Eventually.HoldsAsync(() => upstream.Received.Contains("application/grpc", StringComparison.Ordinal) && upstream.Received.EndsWith("0\r\n\r\n", StringComparison.Ordinal));
        Assert.Equal((0, 1), Slow(proxy));
    }

    private async Task<TestProxy> StartAsync(IEnumerable<string> upstreams, string limits, string protocol = "Http1")
        => await TestProxy.StartAsync(
            upstreams,
            extendConfig: limits,
            listener: $", \"access_logs\": [ {{ \"log_path\": \"{_folder.File("access.log")}\", \"log_format\": \"%response_code% %response_flags% %response_code_details%\" }} ]",
            protocol: protocol);

    private Task LoggedAsync(string line)
        => Eventually.HoldsAsync(() => File.Exists(_folder.File("access.log")) && File.ReadAllText(_folder.File("access.log")) == line + "\n");

    private static (long Heads, long Bodies) Slow(TestProxy proxy)
    {
        var sum = proxy.Server.Stats.Listeners.Single().Sum();
        return (sum.SlowHeads, sum.SlowBodies);
    }

    private static async Task DripAsync(Func<Task> send, Task until)
    {
        try
        {
            while (!until.IsCompleted)
            {
                await send();
                await Task.Delay(20);
            }
        }
        catch (SocketException)
        {
            // The proxy has closed; what it said is what counts.
        }
    }
}
