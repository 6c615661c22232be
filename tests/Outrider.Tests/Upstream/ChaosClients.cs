using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Upstream;

/// <summary>Clients that ask one request after the other, by HTTP/1.1 on sockets of their own and by HTTP/2 with .NET's client, and note what comes of each.</summary>
internal sealed class ChaosClients(int port, ChaosOutcomes outcomes, CancellationToken end)
{
    // Requests on a connection, and a rest between them, so that a run of ten minutes has a log that can be read.
    private const int OnOneConnection = 20;
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(4);
    private static readonly string[] s_clusters = ["up", "up", "named"];

    internal Task RunAsync(int http1, int http2)
        => Task.WhenAll(Enumerable.Range(0, http1).Select(_ => Task.Run(Http1Async)).Concat(Enumerable.Range(0, http2).Select(_ => Task.Run(Http2Async))));

    private async Task Http1Async()
    {
        for (int asked = 0; !end.IsCancellationRequested;)
        {
            using var client = await RawClient.ConnectAsync(port);
            var reader = new WireReader(client.Socket);
            for (int i = 0; i < OnOneConnection && !end.IsCancellationRequested && await AskAsync(client, reader, asked); i++, asked++)
            {
                await Task.Delay(s_rest);
            }
        }
    }

    // False: the connection is of no more use.
    private async Task<bool> AskAsync(RawClient client, WireReader reader, int number)
    {
        string token = outcomes.Next();
        string path = $"/{s_clusters[number % s_clusters.Length]}/{token}";
        string head, body;
        try
        {
            await client.SendAsync(number % 4 == 0
                ? $"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello"
                : $"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
            (head, body) = await reader.ReadMessageAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or EndOfStreamException)
        {
            outcomes.OnClosed(token);
            return false;
        }

        if (head.Length == 0 || (WireReader.Field(head, "content-length") is { } length && body.Length < int.Parse(length, CultureInfo.InvariantCulture)))
        {
            outcomes.OnClosed(token);
            return false;
        }

        if (!head.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
        {
            outcomes.Malformed.Enqueue($"{token} was answered with {head}");
            return false;
        }

        outcomes.OnAnswer(token, int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture), body);
        return !head.Contains("connection: close", StringComparison.OrdinalIgnoreCase);
    }

    private async Task Http2Async()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        for (int asked = 0; !end.IsCancellationRequested; asked++)
        {
            string token = outcomes.Next();
            try
            {
                using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/{s_clusters[asked % s_clusters.Length]}/{token}"), CancellationToken.None);
                outcomes.OnAnswer(token, (int)answer.StatusCode, await answer.Content.ReadAsStringAsync(CancellationToken.None));
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                outcomes.OnClosed(token);
            }

            await Task.Delay(s_rest, CancellationToken.None);
        }
    }
}
