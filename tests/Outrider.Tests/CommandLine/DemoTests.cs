using System.Runtime.InteropServices;
using Outrider.Tests.Harness;

namespace Outrider.Tests.CommandLine;

/// <summary>The demo has ports of its own that nobody may choose, so it runs alone.</summary>
[CollectionDefinition(nameof(DemoTests), DisableParallelization = true)]
public sealed class DemoCollection;

[Collection(nameof(DemoTests))]
public sealed class DemoTests
{
    [FactOnPorts(2046, 8080, 34901)]
    public async Task The_demo_serves_shows_what_to_try_and_ends_on_Ctrl_C()
    {
        using var demo = OutriderProcess.Start("demo");
        await demo.ListensAsync(2046);

        Assert.StartsWith("HTTP/1.1 403 ", await GetAsync(2046, ""), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await GetAsync(2046, "User: admin\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await GetAsync(2046, "User: eve\r\n"), StringComparison.Ordinal);
        Assert.Contains("outrider", await GetAsync(34901, "", "/metrics"), StringComparison.Ordinal);
        await Filters.FilterExchange.EventuallyAsync(() => demo.Out.Contains("total 3", StringComparison.Ordinal));
        Assert.Contains("curl -i http://127.0.0.1:2046/ -H 'User: admin'", demo.Out, StringComparison.Ordinal);

        demo.Signal(PosixSignal.SIGINT);

        Assert.Equal(0, await demo.ExitAsync());
        Assert.Equal("", demo.Error);
    }

    [FactOnPorts(2046, 8080, 34901)]
    public async Task With_http2_it_speaks_that_on_the_same_port()
    {
        using var demo = OutriderProcess.Start("demo", "--http2");
        await demo.ListensAsync(2046);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1:2046/") { Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("User", "admin");

        using var response = await client.SendAsync(request);

        Assert.Equal((200, new Version(2, 0)), ((int)response.StatusCode, response.Version));
        Assert.StartsWith("HTTP/1.1 403 ", await GetAsync(2046, ""), StringComparison.Ordinal);
        await Filters.FilterExchange.EventuallyAsync(() => demo.Out.Contains("total 2  HTTP/2 streams 1", StringComparison.Ordinal));
        Assert.Contains("curl -i --http2-prior-knowledge http://127.0.0.1:2046/ -H 'User: admin'", demo.Out, StringComparison.Ordinal);
        Assert.Contains("""outrider_http2_streams_total{side="downstream"} 1""", await GetAsync(34901, "", "/metrics"), StringComparison.Ordinal);

        demo.Signal(PosixSignal.SIGINT);

        Assert.Equal(0, await demo.ExitAsync());
    }

    private static Task<string> GetAsync(int port, string fields, string path = "/")
        => RawClient.ExchangeAsync(port, $"GET {path} HTTP/1.1\r\nhost: localhost\r\n{fields}connection: close\r\n\r\n");
}
