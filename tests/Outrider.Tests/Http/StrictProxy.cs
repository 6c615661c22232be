using Outrider.Tests.Harness;

namespace Outrider.Tests.Http;

/// <summary>A proxy in front of an upstream that keeps count of what reaches it; for the many tests of one class.</summary>
public sealed class StrictProxy : IAsyncLifetime
{
    private int _marker;

    internal RawUpstream Upstream { get; } = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

    internal TestProxy Proxy { get; private set; } = null!;

    internal int Port => Proxy.Port;

    public async Task InitializeAsync() => Proxy = await TestProxy.StartAsync([Upstream.Address]);

    public async Task DisposeAsync()
    {
        await Proxy.DisposeAsync();
        Upstream.Dispose();
    }

    /// <summary>What reaches the upstream while <paramref name="act"/> runs. A request of our own behind it shows that the proxy lives, and that nothing is still on its way.</summary>
    internal async Task<string> ReceivedDuringAsync(Func<Task> act)
    {
        string marker = $"GET /marker-{Interlocked.Increment(ref _marker)} HTTP/1.1\r\nhost: marker\r\n";
        int before = Upstream.Received.Length;
        await act();
        string answer = await RawClient.ExchangeAsync(Port, marker + "connection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        string received = Upstream.Received[before..];
        int at = received.IndexOf(marker, StringComparison.Ordinal);
        Assert.True(at >= 0, received);
        return received[..at];
    }

    /// <summary>Waits until no stream is left.</summary>
    internal static Task ExpectNoStreamsAsync(TestProxy proxy) => Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
}
