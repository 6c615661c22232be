using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Tests.Harness;
using Outrider.Tests.Tcp;
using Xunit;

namespace Outrider.Tests.Listening;

/// <summary><c>fallback_for_unknown_protocol</c>: what is not HTTP goes to the tcp_proxy behind.</summary>
public sealed class FallbackTests
{
    private const string Router = """{"router_config_name":"r","virtual_hosts":[{"domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200,"body":"http"}}]}]}""";

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", "HTTP/1.1 200 OK")]
    [InlineData("\u0001\u0002binary", "tcp:\u0001\u0002binary")]
    [InlineData("GETTING it", "tcp:GETTING it")]
    [InlineData("hello", "tcp:hello")]
    public async Task What_a_client_begins_with_decides(string sent, string wanted)
    {
        await using var lab = new TcpLab();
        using var echo = Echo();
        int port = await StartAsync(lab, echo);

        using var client = await ConnectAsync(port);
        await client.SendAsync(Encoding.Latin1.GetBytes(sent));
        Assert.StartsWith(wanted, await ReceiveAsync(client, wanted.Length), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("G", "ET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", "HTTP/1.1 200 OK")]
    [InlineData("PO", "TATO", "tcp:POTATO")]
    [InlineData("PR", "I * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0", "\0\0")]
    public async Task Bytes_that_come_one_by_one_are_waited_for(string first, string rest, string wanted)
    {
        await using var lab = new TcpLab();
        using var echo = Echo();
        int port = await StartAsync(lab, echo);

        using var client = await ConnectAsync(port);
        client.NoDelay = true;
        await client.SendAsync(Encoding.Latin1.GetBytes(first));
        await Task.Delay(100);
        await client.SendAsync(Encoding.Latin1.GetBytes(rest));
        Assert.StartsWith(wanted, await ReceiveAsync(client, wanted.Length), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_that_stays_half_goes_to_the_other_after_the_time_that_a_head_has()
    {
        await using var lab = new TcpLab();
        using var echo = Echo();
        int port = await StartAsync(lab, echo, ",\"extend_config\":{\"header_timeout\":\"2s\"}");

        using var client = await ConnectAsync(port);
        await client.SendAsync("GE"u8.ToArray());
        Assert.Equal("tcp:GE", await ReceiveAsync(client, 6));
    }

    [Fact]
    public async Task Connections_are_counted_once()
    {
        await using var lab = new TcpLab();
        using var echo = Echo();
        int port = await StartAsync(lab, echo);
        foreach (string sent in (string[])["hello", "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"])
        {
            using var client = await ConnectAsync(port);
            await client.SendAsync(Encoding.Latin1.GetBytes(sent));
            _ = await ReceiveAsync(client, 4);
        }

        await Eventually.HoldsAsync(() => lab.Stats is { ConnectionsAccepted: 2, ConnectionsClosed: 2, ConnectionsActive: 0 });
    }

    [Fact]
    public async Task Inside_TLS_the_first_bytes_decide_as_well()
    {
        await using var lab = new TcpLab();
        using var echo = Echo();
        int port = await StartAsync(lab, echo, tls: lab.Tls.Context());
        foreach (var (sent, wanted) in ((string, string)[])[("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", "HTTP/1.1 200 OK"), ("hello", "tcp:hello")])
        {
            using var socket = await ConnectAsync(port);
            using var client = new System.Net.Security.SslStream(new NetworkStream(socket), false, (_, _, _, _) => true);
            await client.AuthenticateAsClientAsync("localhost").SoonAsync();
            await client.WriteAsync(Encoding.Latin1.GetBytes(sent));
            byte[] buffer = new byte[wanted.Length];
            await client.ReadExactlyAsync(buffer).AsTask().SoonAsync();
            Assert.Equal(wanted, Encoding.Latin1.GetString(buffer));
        }
    }

    [Fact]
    public void Without_a_tcp_proxy_behind_it_it_is_an_error()
    {
        var error = Assert.Throws<Outrider.Configuration.Problems.ConfigurationException>(() => Outrider.Configuration.ConfigurationLoader.Parse(Encoding.UTF8.GetBytes($$"""
            {"servers":[{"routers":[{{Router}}],"listeners":[{"address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[
              {"type":"proxy","config":{"router_config_name":"r","fallback_for_unknown_protocol":true} }]}]}]}]}
            """), "x.json"));
        Assert.Contains("fallback_for_unknown_protocol: wants a tcp_proxy behind this filter", error.Message, StringComparison.Ordinal);
    }

    private static RawUpstream Echo() => new(async (connection, _) =>
    {
        await connection.SendAsync("tcp:");
        while (await connection.ReadAsync() is { Length: > 0 } text)
        {
            await connection.SendAsync(text);
        }
    });

    private static Task<int> StartAsync(TcpLab lab, RawUpstream echo, string more = "", string tls = "") => lab.StartAsync(
        $$"""
        "filter_chains":[{ {{(tls.Length > 0 ? $"\"tls_context\":{tls}," : "")}} "filters":[{"type":"proxy","config":{"router_config_name":"r","fallback_for_unknown_protocol":true{{more}} } },{"type":"tcp_proxy","config":{"cluster":"tcp"} }]}]
        """,
        TcpLab.Cluster("tcp", echo.Address), Router);

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private static async Task<string> ReceiveAsync(Socket socket, int atLeast)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (text.Length < atLeast)
        {
            int read = await socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token);
            if (read == 0)
            {
                break;
            }

            _ = text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return text.ToString();
    }
}
