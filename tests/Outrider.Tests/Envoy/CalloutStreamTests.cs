using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>Requests that a filter makes piece by piece inside a stock Envoy.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class CalloutStreamTests(EnvoyModules modules)
{
    private const string Head = "HTTP/1.1 200 OK\r\nx-upstream: raw\r\ntransfer-encoding: chunked\r\n\r\n";

    [EnvoyFact]
    public async Task A_filter_asks_and_is_answered_piece_by_piece()
    {
        using var upstream = new RawUpstream(AnswerAsync);
        using var envoy = await StartAsync(upstream);

        Assert.Equal("raw: first, one two three", await envoy.GetAsync("/whole"));
        Assert.Equal("one heard first, ", await envoy.GetAsync("/duplex"));
        Assert.Equal("given up after 200", await envoy.GetAsync("/given-up"));
    }

    [EnvoyFact]
    public async Task Whatever_breaks_off_is_an_error_that_names_the_cluster()
    {
        using var upstream = new RawUpstream(AnswerAsync);
        using var envoy = await StartAsync(upstream);

        Assert.Equal("cluster 'none': the callout cannot start: there is no such cluster", await envoy.GetAsync("/whole", ("x-cluster", "none")));
        Assert.Equal("cluster 'up': the answer came faster than it was read, by more than 100000 bytes", await envoy.GetAsync("/flood"));
        Assert.StartsWith("cluster 'up': the callout broke off (", await envoy.GetAsync("/broken"), StringComparison.Ordinal);
        using var late = await envoy.SendAsync("/late");
        Assert.Equal(HttpStatusCode.GatewayTimeout, late.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await envoy.SendAsync("/pass")).StatusCode);
    }

    [EnvoyFact]
    public async Task A_client_that_goes_away_ends_what_a_filter_asks()
    {
        using var upstream = new RawUpstream(AnswerAsync);
        using var envoy = await StartAsync(upstream);

        for (int i = 0; i < 20; i++)
        {
            int before = upstream.Connections;
            using var client = new TcpClient("127.0.0.1", envoy.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /silence HTTP/1.1\r\nhost: a\r\n\r\n"));
            await Eventually.HoldsAsync(() => upstream.Connections > before);
        }

        await Eventually.HoldsAsync(() => envoy.AdminAsync("stats?filter=cluster.up.upstream_rq_active").Result.Contains("upstream_rq_active: 0", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await envoy.SendAsync("/pass")).StatusCode);
        Assert.DoesNotContain("crit", envoy.Log, StringComparison.Ordinal);
    }

    private static async Task AnswerAsync(UpstreamConnection connection, int number)
    {
        // The head of a request, and what has come of its body with it.
        for (string request; (request = await connection.ReadAsync()).Length > 0;)
        {
            string path = request.Split(' ')[1];
            switch (path)
            {
                case "/pass":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
                    break;
                case "/late" or "/silence":
                    break;
                case "/broken":
                    await connection.SendAsync(Head + "4\r\nhalf\r\n");
                    connection.Reset();
                    return;
                case "/flood":
                    await connection.SendAsync(Head + string.Concat(Enumerable.Repeat("c350\r\n" + new string('x', 50_000) + "\r\n", 100)));
                    break;
                case "/given-up":
                    await connection.SendAsync(Head + "1\r\nx\r\n");
                    break;
                default:
                    await connection.SendAsync(Head + "7\r\nfirst, \r\n");
                    while (!request.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal))
                    {
                        request += await connection.ReadAsync();
                    }

                    string body = Filters.FilterExchange.Dechunk(request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
                    await connection.SendAsync($"{body.Length:x}\r\n{body}\r\n0\r\n\r\n");
                    break;
            }
        }
    }

    private async Task<EnvoyProcess> StartAsync(RawUpstream upstream)
    {
        string module = await modules.PublishAsync("tests/modules/test-filters");
        return await EnvoyProcess.StartAsync(modules, upstream.Port, [EnvoyYaml.Filter(module, "ask")]);
    }
}
