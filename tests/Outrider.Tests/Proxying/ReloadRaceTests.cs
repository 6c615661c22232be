using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Proxying;

/// <summary>What lies between the two halves of a reload: a loop has the new configuration, and the pools have not all been told.</summary>
public sealed class ReloadRaceTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_of_the_new_configuration_goes_by_its_TLS_and_not_by_what_the_pool_was_made_with(bool toTls)
    {
        using var authority = new TestAuthority();
        var certificate = authority.Issue("localhost");
        using var upstream = new RawUpstream((connection, number) => AnswerAsync(connection.Socket, certificate));
        using var go = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        var script = new Script
        {
            DecodeHeaders = (filter, headers, endStream) =>
            {
                if (headers.Has("x-block"u8, "yes"u8))
                {
                    blocked.Set();
                    go.Wait();
                }

                return FilterAction.Continue;
            },
            EncodeHeaders = (filter, headers, endStream) =>
            {
                headers.Set("x-loop", EventLoop.Current!.Index.ToString(System.Globalization.CultureInfo.InvariantCulture));
                return FilterAction.Continue;
            },
        };
        var registry = new StreamFilterRegistry();
        registry.Add("f0", _ => script);
        await using var proxy = await TestProxy.StartJsonAsync(Json(upstream.Address, tls: !toTls, marked: false), registry);
        var clients = await OneOnEachLoopAsync(proxy.Port);
        Task? reload = null;
        try
        {
            // The second loop cannot take the configuration, so the reload does not get to the pools; the first one has it.
            await clients[1].SendAsync(Get.Replace("\r\n\r\n", "\r\nx-block: yes\r\n\r\n", StringComparison.Ordinal));
            await Eventually.HoldsAsync(() => blocked.IsSet);
            reload = proxy.Server.ReloadAsync(Parse(Json(upstream.Address, tls: toTls, marked: true)));
            string answer = "";
            await Eventually.HoldsAsync(() => (answer = AskAsync(clients[0]).GetAwaiter().GetResult()).Contains("x-new: 1", StringComparison.Ordinal));
            for (int i = 0; i < 3; i++)
            {
                Assert.EndsWith(toTls ? "tls" : "plain", answer, StringComparison.Ordinal);
                answer = await AskAsync(clients[0]);
            }

            Assert.False(reload.IsCompleted);
        }
        finally
        {
            go.Set();
            foreach (var client in clients)
            {
                client.Dispose();
            }
        }

        await reload!.SoonAsync();
    }

    [Fact]
    public async Task Word_of_old_that_a_host_is_gone_does_not_end_the_connections_of_one_that_is_there()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        _ = await AskAsync(client);

        // A lookup of names that began under the last configuration tells of its end when the next one is in force.
        var host = proxy.Server.Upstreams.Clusters.Clusters[0].Hosts[0];
        await proxy.Server.Upstreams.RefreshPoolsAsync([host]);

        for (int i = 0; i < 3; i++)
        {
            Assert.StartsWith("HTTP/1.1 200", await AskAsync(client), StringComparison.Ordinal);
        }

        Assert.Equal(1, upstream.Connections);
    }

    private static async Task<string> AskAsync(RawClient client)
    {
        await client.SendAsync(Get);
        return await client.ReadResponseAsync();
    }

    // Which loop gets a connection is the kernel's choice.
    private static async Task<RawClient[]> OneOnEachLoopAsync(int port)
    {
        var found = new RawClient?[2];
        for (int i = 0; i < 200 && found.Contains(null); i++)
        {
            var client = await RawClient.ConnectAsync(port);
            int loop = (await AskAsync(client)).Contains("x-loop: 0", StringComparison.Ordinal) ? 0 : 1;
            if (found[loop] is null)
            {
                found[loop] = client;
            }
            else
            {
                client.Dispose();
            }
        }

        return [.. found.Select(client => Assert.IsType<RawClient>(client))];
    }

    // Both on one port: a handshake begins with a byte that no method has.
    private static async Task AnswerAsync(Socket socket, TestCertificate certificate)
    {
        var first = new byte[1];
        if (await socket.ReceiveAsync(first, SocketFlags.Peek) == 0)
        {
            return;
        }

        bool tls = first[0] == 0x16;
        Stream stream = new NetworkStream(socket);
        if (tls)
        {
            using var loaded = certificate.Load();
            var secure = new SslStream(stream, leaveInnerStreamOpen: true);
            await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(loaded, [], offline: true) });
            stream = secure;
        }

        var buffer = new byte[4096];
        string text = tls ? "tls" : "plain";
        byte[] answer = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\ncontent-length: {text.Length}\r\n\r\n{text}");
        while (await stream.ReadAsync(buffer) > 0)
        {
            await stream.WriteAsync(answer);
        }
    }

    private static ProxyConfiguration Parse(string json) => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration;

    private static string Json(string upstream, bool tls, bool marked) => $$$"""
        {"servers":[{"overload_delay":"0s","default_log_path":"/dev/null","processor":2,"stuck_loop_timeout":"60s",
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]
          {{{(marked ? ",\"response_headers_to_add\":[{\"header\":{\"key\":\"x-new\",\"value\":\"1\"}}]" : "")}}}}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"stream_filters":[{"type":"f0"}],
          "filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r","upstream_protocol":"Http1"}}]}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"{{{upstream}}}"}]{{{(tls ? ",\"tls_context\":{\"status\":true,\"insecure_skip\":true}" : "")}}}}]}}
        """;
}
