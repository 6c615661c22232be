using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Tls;

public sealed class InspectorTests : IDisposable
{
    private readonly TlsLab _lab = new();
    private readonly RawUpstream _upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

    public void Dispose()
    {
        _upstream.Dispose();
        _lab.Dispose();
    }

    [FactWith("curl")]
    public async Task One_port_speaks_TLS_and_plain_text()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address], listener: """,  "inspector": true""");

        Assert.Equal("ok", (await TlsLab.RunAsync("curl", "", "-sSk", $"https://127.0.0.1:{proxy.Port}/")).Trim());
        Assert.Equal("ok", (await TlsLab.RunAsync("curl", "", "-sS", $"http://127.0.0.1:{proxy.Port}/")).Trim());
        Assert.Contains("x-forwarded-proto: https", _upstream.Received, StringComparison.Ordinal);
        Assert.Contains("x-forwarded-proto: http\r", _upstream.Received, StringComparison.Ordinal);
        Assert.Equal(1, proxy.Stats.TlsHandshakes);
    }

    [Fact]
    public async Task Plain_text_that_comes_byte_by_byte_is_read_from_its_first_byte()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address], listener: """,  "inspector": true""");
        using var client = await RawClient.ConnectAsync(proxy.Port);

        foreach (char c in "GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        {
            await client.SendAsync(c.ToString());
            await Task.Delay(1);
        }

        Assert.EndsWith("ok", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_it_plain_text_is_refused()
    {
        await using var proxy = await _lab.StartAsync([_upstream.Address]);

        string answer = await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("speaks TLS: ask with https://\n", answer, StringComparison.Ordinal);
        Assert.Equal("", _upstream.Received);
        Assert.Equal(1, proxy.Stats.TlsFailures);
    }
}
