using System.Globalization;
using System.Text.RegularExpressions;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Limits;

/// <summary>A request whose upstream needs a descriptor when there is none: it waits for one, and no longer than it would wait for the upstream.</summary>
public sealed class WaitingConnectTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\nuser: admin\r\n\r\n";

    [FactWith("prlimit")]
    public async Task It_is_made_when_there_is_one_and_is_counted()
    {
        using var upstream = RawUpstream.Answering(Ok);
        using var sample = new SampleCopy(upstream.Port);
        sample.Edit("\"max_request_per_conn\": 1024", "\"connect_timeout\": \"20s\"");
        using var proxy = await StartAsync(sample);
        using var first = await RefusedOnceAsync(sample);
        using var second = await RefusedOnceAsync(sample);
        var time = await NoDescriptors.BeginAsync(proxy);

        await first.SendAsync(Get);
        await second.SendAsync(Get);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("connections to upstreams wait", StringComparison.Ordinal));
        Assert.Equal(0, upstream.Connections);

        await time.EndAsync();
        Assert.EndsWith("ok", await first.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.EndsWith("ok", await second.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(2, await WaitedAsync(sample));
    }

    [FactWith("prlimit")]
    public async Task It_waits_for_as_long_as_the_connection_may_take_and_then_is_a_failed_one()
    {
        using var upstream = RawUpstream.Answering(Ok);
        using var sample = new SampleCopy(upstream.Port);
        sample.Edit("\"max_request_per_conn\": 1024", "\"connect_timeout\": \"3s\"");
        using var proxy = await StartAsync(sample);
        using var client = await RefusedOnceAsync(sample);
        using var gone = await RefusedOnceAsync(sample);
        var time = await NoDescriptors.BeginAsync(proxy);

        await gone.SendAsync(Get);
        gone.Reset();
        await client.SendAsync(Get);
        Assert.StartsWith("HTTP/1.1 504 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(0, upstream.Connections);

        // Nothing of those who have given up stands in the way of the next.
        await time.EndAsync();
        await client.SendAsync(Get);
        Assert.EndsWith("ok", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(1, upstream.Connections);
        Assert.NotEqual(0, await WaitedAsync(sample));
    }

    private static async Task<OutriderProcess> StartAsync(SampleCopy sample)
    {
        var proxy = OutriderProcess.Start("start", "--warm-up", "no", "-c", sample.File);
        await Eventually.HoldsAsync(() => proxy.Out.Contains(" runs with ", StringComparison.Ordinal));
        return proxy;
    }

    // A client that the proxy has accepted and answered, without an upstream.
    private static async Task<RawClient> RefusedOnceAsync(SampleCopy sample)
    {
        var client = await RawClient.ConnectAsync(sample.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
        return client;
    }

    private static async Task<int> WaitedAsync(SampleCopy sample)
    {
        string metrics = await RawClient.ExchangeAsync(sample.AdminPort, "GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
        return int.Parse(Regex.Match(metrics, @"(?m)^outrider_upstream_connects_waited_total (\d+)").Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
