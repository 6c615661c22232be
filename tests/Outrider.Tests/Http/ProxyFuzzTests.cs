using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http;

/// <summary>Messages with random changes through a whole proxy: whatever comes, no stream stays behind and the next request is served.</summary>
public sealed class ProxyFuzzTests
{
    private const int Batches = 8;
    private const int PerBatch = 60;
    private const string Good = "GET /good HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";

    [Fact]
    public async Task Mutated_requests_leave_the_proxy_well()
    {
        var seeds = GoodRequests.All.Concat(BadRequests.Names.Select(name => BadRequests.Get(name).Text)).ToArray();
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        for (int batch = 0; batch < Batches; batch++)
        {
            await Task.WhenAll(Enumerable.Range(batch * PerBatch, PerBatch).Select(seed =>
            {
                var mutation = new Mutation(seed);
                return ExchangeAsync(proxy.Port, mutation.Of(seeds[seed * 7 % seeds.Length]), seed);
            }));
            await ExpectWellAsync(proxy);
        }
    }

    [Fact]
    public async Task Mutated_responses_leave_the_proxy_well()
    {
        var seeds = GoodResponses.All.Concat(BadResponses.Names.Select(name => BadResponses.Get(name).Text)).ToArray();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                if (request.StartsWith("GET /good ", StringComparison.Ordinal))
                {
                    await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                    continue;
                }

                // GET /seed: the answer is that mutation, and what it leaves open ends with the connection.
                int seed = int.Parse(request.AsSpan(5, request.IndexOf(' ', 5) - 5), System.Globalization.CultureInfo.InvariantCulture);
                await connection.SendAsync(System.Text.Encoding.Latin1.GetString(new Mutation(seed).Of(seeds[seed * 7 % seeds.Length])));
                return;
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        for (int batch = 0; batch < Batches; batch++)
        {
            await Task.WhenAll(Enumerable.Range(batch * PerBatch, PerBatch).Select(seed =>
                ExchangeAsync(proxy.Port, System.Text.Encoding.Latin1.GetBytes($"GET /{seed} HTTP/1.1\r\nHost: a\r\n\r\n"), seed, shutdown: false)));
            await ExpectWellAsync(proxy);
        }
    }

    private static async Task ExchangeAsync(int port, byte[] bytes, int seed, bool shutdown = true)
    {
        using var client = await RawClient.ConnectAsync(port);
        try
        {
            // Some come in two pieces.
            int cut = seed % 3 == 0 ? bytes.Length / 2 : 0;
            await client.SendAsync(bytes.AsMemory(0, cut));
            await client.SendAsync(bytes.AsMemory(cut));
            if (shutdown)
            {
                client.Shutdown();
                string answer = await client.ReadToEndAsync();
                Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), answer);
            }
            else
            {
                string answer = await client.ReadUntilAsync(text => text.Contains("\r\n\r\n", StringComparison.Ordinal));
                Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), answer);
            }
        }
        catch (SocketException)
        {
            // Refused before everything was sent.
        }
    }

    private static async Task ExpectWellAsync(TestProxy proxy)
    {
        await StrictProxy.ExpectNoStreamsAsync(proxy);
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 0);
        Assert.EndsWith("\r\n\r\nok", await RawClient.ExchangeAsync(proxy.Port, Good), StringComparison.Ordinal);
        Assert.Equal(0, proxy.Stats.FilterErrors);
    }
}
