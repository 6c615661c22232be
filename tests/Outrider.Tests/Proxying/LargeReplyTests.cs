using Outrider.Filters;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

/// <summary>An answer of megabytes that is made here waits for its client as one of an upstream does.</summary>
public sealed class LargeReplyTests
{
    private const string Ask = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    private static readonly byte[] s_body = TestBytes.Make(Flow.Large);

    [Theory]
    [InlineData(Pace.AtOnce)]
    [InlineData(Pace.Yielding)]
    [InlineData(Pace.OtherThread)]
    public async Task It_leaves_piece_by_piece_as_the_client_takes_it(Pace pace)
    {
        int passed = 0, most = 0, ends = 0;
        var reply = new LocalReply(200, s_body);
        var answers = new Script { DecodeHeaders = (_, _, _) => FilterAction.Reply(reply) };
        var counts = new Script
        {
            Pace = pace,
            EncodeData = (_, data, endStream) =>
            {
                most = Math.Max(most, data.Length);
                ends += endStream ? 1 : 0;
                Volatile.Write(ref passed, passed + data.Length);
                return FilterAction.Continue;
            },
        };
        await using var proxy = await TestProxy.StartAsync([], [counts, answers]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        // Fixed, for the kernel lets it grow with what a client has read: to more than the answer (tcp_rmem is 32 MiB in places).
        client.Socket.ReceiveBufferSize = 64 * 1024;
        var reader = new WireReader(client.Socket);
        for (int i = 1; i <= 2; i++)
        {
            await client.SendAsync(Ask);
            string head = await reader.ReadHeadAsync();
            await Flow.StandsStillAsync(() => Volatile.Read(ref passed));

            Assert.InRange(Volatile.Read(ref passed), 1, Flow.MaxUnderway);
            Assert.InRange(most, 1, 64 * 1024);
            Assert.Equal($"{s_body.Length}", WireReader.Field(head, "content-length"));
            Assert.Equal(TestBytes.Digest(s_body), TestBytes.Digest(await reader.ReadBodyAsync(head)));
            Assert.Equal((s_body.Length, i), (passed, ends));
            passed = 0;
        }

        await client.SendAsync(Ask.Replace("GET", "HEAD", StringComparison.Ordinal) + Ask);
        Assert.Equal($"{s_body.Length}", WireReader.Field(await reader.ReadHeadAsync(), "content-length"));
        Assert.Equal(TestBytes.Digest(s_body), TestBytes.Digest(await reader.ReadBodyAsync(await reader.ReadHeadAsync())));
    }

    [Fact]
    public async Task A_filter_that_wants_the_whole_of_it_gets_it()
    {
        byte[] body = TestBytes.Make(600_000);
        int seen = 0;
        var answers = new Script { DecodeHeaders = (_, _, _) => FilterAction.Reply(new LocalReply(200, body)) };
        var whole = new Script
        {
            EncodeResponse = (_, _, all, _) =>
            {
                seen = all.Length;
                all.Append("!"u8);
                return FilterAction.Continue;
            },
        };
        await using var proxy = await TestProxy.StartAsync([], [whole, answers]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var reader = new WireReader(client.Socket);
        await client.SendAsync(Ask);
        byte[] got = await reader.ReadBodyAsync(await reader.ReadHeadAsync());

        Assert.Equal(body.Length, seen);
        Assert.Equal([.. body, (byte)'!'], got);
    }
}
