using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

/// <summary>Clients and upstreams that do all sorts of things at the same time: what counts is what the proxy keeps of it, which is nothing.</summary>
public sealed class DisorderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(1, 3)]
    public async Task Whatever_clients_and_upstreams_do_nothing_is_left_and_nothing_is_mixed_up(int loops, int seed)
    {
        int connections = 0;
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var random = new Random((seed * 1000) + Interlocked.Increment(ref connections));
            var reader = new WireReader(connection.Socket);
            while (await reader.ReadHeadAsync() is { Length: > 0 } head)
            {
                string path = head.Split(' ')[1];
                int fate = random.Next(20);
                if (fate == 0)
                {
                    connection.Reset();
                    return;
                }

                if (fate == 1)
                {
                    // Before the request's body has come.
                    await connection.SendAsync($"HTTP/1.1 413 No\r\nx-path: {path}\r\ncontent-length: 2\r\n\r\nno");
                    return;
                }

                _ = await reader.ReadBodyAsync(head);
                if (reader.IsTruncated)
                {
                    return;
                }

                var body = TestBytes.Make(random.Next(4) == 0 ? random.Next(300_000) : random.Next(2_000));
                string start = $"HTTP/1.1 200 OK\r\nx-path: {path}\r\nx-digest: {TestBytes.Digest(body)}\r\n";
                switch (fate)
                {
                    case 2:
                        await connection.SendAsync($"{start}content-length: {body.Length + 1}\r\n\r\n");
                        await connection.Socket.SendAllAsync(body);
                        return;
                    case 3:
                        await connection.SendAsync(start + "\r\n");
                        await connection.Socket.SendAllAsync(body);
                        return;
                    case < 10:
                        await connection.SendAsync(start + "transfer-encoding: chunked\r\n\r\n");
                        await connection.Socket.SendAllAsync(TestBytes.Chunked(body, 1 + random.Next(5_000)));
                        break;
                    default:
                        await connection.SendAsync($"{start}content-length: {body.Length}\r\n\r\n");
                        await connection.Socket.SendAllAsync(body);
                        break;
                }
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], loops: loops);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(index => Task.Run(async () =>
        {
            var random = new Random((seed * 100) + index);
            for (int i = 0; i < 40; i++)
            {
                using var client = await RawClient.ConnectAsync(proxy.Port);
                try
                {
                    await VisitAsync(client, random, $"/{index}-{i}-");
                }
                catch (SocketException)
                {
                    // The upstream's mishap, passed on.
                }
            }
        })));

        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, ConnectionsActive: 0 });
        await proxy.Server.StopAsync().SoonAsync();
        Assert.Equal(0, proxy.Stats.UpstreamConnectionsActive);
    }

    private static async Task VisitAsync(RawClient client, Random random, string name)
    {
        var answers = new WireReader(client.Socket);
        for (int n = 0; n < 5; n++)
        {
            string path = name + n;
            var body = TestBytes.Make(random.Next(4) == 0 ? random.Next(200_000) : random.Next(3_000));
            var request = random.Next(3) switch
            {
                0 => Encode($"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n"),
                1 => [.. Encode($"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {body.Length}\r\n\r\n"), .. body],
                _ => [.. Encode($"POST {path} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"), .. TestBytes.Chunked(body, 1 + random.Next(9_000))],
            };
            switch (random.Next(12))
            {
                case 0:
                    await client.SendAsync(request.AsMemory(0, random.Next(request.Length)));
                    client.Reset();
                    return;
                case 1:
                    await client.SendAsync(request.AsMemory(0, random.Next(request.Length)));
                    return;
                case 2:
                    await client.SendAsync(request);
                    return;
                case 3:
                    await client.SendAsync(request);
                    _ = await answers.ReadHeadAsync();
                    client.Reset();
                    return;
                default:
                    break;
            }

            await client.SendAsync(request);
            string head = await answers.ReadHeadAsync();
            if (head.Length == 0)
            {
                return;
            }

            var got = await answers.ReadBodyAsync(head);
            if (WireReader.Field(head, "x-path") is { } answered)
            {
                Assert.Equal(path, answered);
            }

            if (WireReader.Field(head, "x-digest") is { } digest && !answers.IsTruncated)
            {
                Assert.Equal(digest, TestBytes.Digest(got));
            }

            if (answers.IsTruncated || WireReader.Field(head, "connection") == "close")
            {
                return;
            }
        }
    }

    private static byte[] Encode(string text) => System.Text.Encoding.Latin1.GetBytes(text);
}
