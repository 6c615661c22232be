using System.Net;
using System.Security.Cryptography;
using Outrider.Http.V2.Client;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;
using Outrider.Tests.Net;

namespace Outrider.Tests.Http.V2;

/// <summary>The client against nginx.</summary>
public sealed class NginxHttp2Tests : IClassFixture<LoopFixture>, IAsyncLifetime
{
    private const int FileLength = 5 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-h2-").FullName;
    private readonly CodecClient _client;
    private NginxServer? _nginx;

    public NginxHttp2Tests(LoopFixture fixture) => _client = new CodecClient(fixture.Loop, Http2UpstreamCodec.Instance);

    public async Task InitializeAsync()
    {
        if (FactWithAttribute.Find("nginx") is null)
        {
            return;
        }

        byte[] file = new byte[FileLength];
        new Random(2).NextBytes(file);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "file"), file);
        _nginx = await NginxServer.StartAsync(_folder, "http2", """
            http2_max_concurrent_streams 20; keepalive_requests 300; client_max_body_size 0;
            location /words { return 200 "some words"; }
            """);
        await _client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _nginx.Port));
    }

    public async Task DisposeAsync()
    {
        if (_nginx is not null)
        {
            await _client.OnLoopAsync(_client.Connection.Transport.Close);
            _nginx.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [FactWith("nginx")]
    public async Task A_large_file_comes_whole_through_many_windows()
    {
        var exchange = new NotedExchange();
        _ = await _client.SendAsync(exchange, "/file");

        Assert.StartsWith("200 server=nginx", await exchange.Told, StringComparison.Ordinal);
        Assert.Equal(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(_folder, "file"))), SHA256.HashData(exchange.Body));
    }

    [FactWith("nginx")]
    public async Task Many_requests_at_once_keep_to_the_servers_limit_and_end_with_its_farewell()
    {
        // nginx takes 20 at a time, and 300 in all.
        var exchanges = new List<NotedExchange>();
        for (int i = 0; i < 299; i++)
        {
            exchanges.Add(new NotedExchange());
            _ = await _client.SendAsync(exchanges[^1], "/words");
            if (i == 0)
            {
                // Until its settings have come nobody knows how many it takes.
                _ = await exchanges[0].Told;
            }

            Assert.InRange(_client.Connection.ActiveExchanges, 0, 20);
        }

        foreach (var exchange in exchanges)
        {
            Assert.EndsWith("; some words", await exchange.Told, StringComparison.Ordinal);
        }

        var last = new NotedExchange();
        _ = await _client.SendAsync(last, "/words");
        Assert.EndsWith("; some words", await last.Told, StringComparison.Ordinal);
        _ = await _client.Closed;
        Assert.True(_client.HasGoneAway);
    }

    [FactWith("nginx")]
    public async Task A_large_body_goes_out_as_the_server_takes_it()
    {
        var exchange = new NotedExchange();
        _ = await _client.SendAsync(exchange, "/words", new byte[3_000_000]);

        Assert.EndsWith("; some words", await exchange.Told, StringComparison.Ordinal);
    }
}
