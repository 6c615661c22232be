using Outrider.Filters;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

/// <summary>What an answer of megabytes costs that many wait for. Measured of the process, so it runs while no other test does.</summary>
[Collection(nameof(AllocationTests))]
public sealed class LargeReplyMemoryTests
{
    private const string Ask = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    private static readonly byte[] s_body = TestBytes.Make(30 * 1024 * 1024);

    [Fact]
    public async Task Many_clients_that_do_not_read_share_the_bytes_of_one_answer()
    {
        const int Clients = 8;
        var reply = new LocalReply(200, s_body);
        var answers = new Script { DecodeHeaders = (_, _, _) => FilterAction.Reply(reply) };
        await using var proxy = await TestProxy.StartAsync([], [answers]);
        var clients = new List<RawClient>();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < Clients; i++)
        {
            var client = await RawClient.ConnectAsync(proxy.Port);
            clients.Add(client);
            await client.SendAsync(Ask);
        }

        await Eventually.HoldsAsync(() => proxy.Stats.StreamsTotal == Clients);
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(grown, long.MinValue, s_body.Length / 2);

        clients[0].Reset();
        clients.RemoveAt(0);
        await Task.WhenAll(clients.Select(async client =>
        {
            var reader = new WireReader(client.Socket);
            Assert.Equal(TestBytes.Digest(s_body), TestBytes.Digest(await reader.ReadBodyAsync(await reader.ReadHeadAsync())));
        }));
        clients.ForEach(client => client.Dispose());
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
    }
}
