using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class ForwardingTests
{
    [Fact]
    public async Task A_request_reaches_the_upstream_and_its_answer_the_client()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET /a?b=c HTTP/1.1\r\nHost: example.test\r\n\r\n");
        string response = await client.ReadResponseAsync();

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", response, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhello", response, StringComparison.Ordinal);
        Assert.StartsWith("GET /a?b=c HTTP/1.1\r\nhost: example.test\r\n", upstream.Received, StringComparison.Ordinal);
    }
}
