using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Server;
using Outrider.Tests.Harness;
using Outrider.Tests.Tcp;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Listening;

/// <summary>Listener filters on real connections.</summary>
public sealed class ListenerFilterTests
{
    private const string Trusting = """ "listener_filters":[{"type":"proxy_protocol","config":{"trusted_addresses":["127.0.0.0/8"]}}],"listener_filters_timeout":"10s", """;

    private static string Http(TestUse use) => $$""" {{use.Filters}} "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r"} }]}] """;

    private sealed record TestUse(string Filters);

    private const string Router = """{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}""";

    private static readonly byte[] s_signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

    private static byte[] Binary(byte command, byte family, byte[] content) => [.. s_signature, command, family, (byte)(content.Length >> 8), (byte)content.Length, .. content];

    // 192.0.2.7:4660 to 198.51.100.9:443, an authority, and something that nobody knows.
    private static readonly byte[] s_addresses = [192, 0, 2, 7, 198, 51, 100, 9, 0x12, 0x34, 0x01, 0xbb];

    public static TheoryData<string, string> Headers => new()
    {
        { "PROXY TCP4 192.0.2.7 198.51.100.9 4660 443\r\n", "192.0.2.7" },
        { "PROXY TCP6 2001:db8::7 2001:db8::9 4660 443\r\n", "2001:db8::7" },
        { "PROXY UNKNOWN\r\n", "127.0.0.1" },
        { "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", "127.0.0.1" },
        { Encoding.Latin1.GetString(Binary(0x21, 0x11, [.. s_addresses, 2, 0, 3, .. "a.b"u8, 0xee, 0, 1, 0])), "192.0.2.7" },
        { Encoding.Latin1.GetString(Binary(0x20, 0x00, [])), "127.0.0.1" },
        { Encoding.Latin1.GetString(Binary(0x20, 0x11, s_addresses)), "127.0.0.1" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task A_PROXY_header_tells_who_the_client_is_however_it_is_cut(string header, string client)
    {
        await using var lab = new TcpLab();
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        int port = await lab.StartAsync(Http(new(Trusting)), TcpLab.Cluster("up", upstream.Address), Router);
        foreach (int cut in (int[])[0, 1, 5, 12, header.Length - 1])
        {
            using var connection = await RawClient.ConnectAsync(port);
            await connection.SendAsync(header[..cut]);
            await Task.Yield();
            await connection.SendAsync(header[cut..] + "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await connection.ReadToEndAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(5, upstream.Received.Split($"x-forwarded-for: {client}\r\n", StringSplitOptions.None).Length - 1);
    }

    public static TheoryData<string> NoHeaders =>
    [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.9 4660\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.9 4660 70000\r\n",
        "PROXY TCP4 2001:db8::7 198.51.100.9 4660 443\r\n",
        "PROXY TCP4 192.0.2 198.51.100.9 4660 443\r\n",
        "PROXY " + new string('x', 120),
        Encoding.Latin1.GetString(Binary(0x31, 0x11, s_addresses)),
        Encoding.Latin1.GetString(Binary(0x22, 0x11, s_addresses)),
        Encoding.Latin1.GetString(Binary(0x21, 0x11, s_addresses[..11])),
        Encoding.Latin1.GetString(Binary(0x21, 0x11, [.. s_addresses, 2, 0])),
        Encoding.Latin1.GetString(Binary(0x21, 0x11, [.. s_addresses, 3, 0, 4, 1, 2, 3, 4])),
        Encoding.Latin1.GetString([.. s_signature, 0x21, 0x11, 0xff, 0xff]),
    ];

    [Theory]
    [MemberData(nameof(NoHeaders))]
    public async Task A_trusted_peer_without_a_right_header_is_not_served(string bytes)
    {
        await using var lab = new TcpLab();
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        int port = await lab.StartAsync(Http(new(Trusting)), TcpLab.Cluster("up", upstream.Address), Router);
        Assert.Equal("", await RawClient.ExchangeAsync(port, bytes));
        await Eventually.HoldsAsync(() => lab.Stats is { ConnectionsRejected: 1, ConnectionsActive: 0 });
        Assert.Equal(0, upstream.Connections);
    }

    [Fact]
    public async Task Nobody_but_those_who_are_trusted_is_believed()
    {
        await using var lab = new TcpLab();
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        int port = await lab.StartAsync(
            Http(new(""" "listener_filters":[{"type":"proxy_protocol","config":{"trusted_addresses":["10.0.0.0/8"]}}], """)), TcpLab.Cluster("up", upstream.Address), Router);
        Assert.StartsWith("HTTP/1.1 400", await RawClient.ExchangeAsync(port, "PROXY TCP4 192.0.2.7 198.51.100.9 4660 443\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await RawClient.ExchangeAsync(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains("x-forwarded-for: 127.0.0.1\r\n", upstream.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_PROXY_header_TLS_begins_as_ever()
    {
        await using var lab = new TcpLab();
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        // From a proxy that writes the header, since a TLS client cannot: the bytes pass it as they are.
        await using var front = new TcpLab();
        string listener = $$"""
            {{Trusting}} "filter_chains":[{"match":{"server_names":["localhost"]},"tls_context":{{lab.Tls.Context()}},
              "filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r"} }]}]
            """;
        int behind = await lab.StartAsync(listener, TcpLab.Cluster("up", upstream.Address), Router);
        int port = await front.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up","proxy_protocol":"v2"}""")}}] """, TcpLab.Cluster("up", $"127.0.0.1:{behind}"));
        Assert.StartsWith("HTTP/1.1 200", await TlsClient.GetAsync(port), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_closes_when_its_time_is_over()
    {
        await using var lab = new TcpLab();
        using var upstream = RawUpstream.Answering("");
        int port = await lab.StartAsync(Http(new(Trusting.Replace("10s", "50ms", StringComparison.Ordinal))), TcpLab.Cluster("up", upstream.Address), Router);
        using var client = await RawClient.ConnectAsync(port);
        Assert.Equal("", await client.ReadToEndAsync());
        await Eventually.HoldsAsync(() => lab.Stats is { ConnectionsRejected: 1, ConnectionsActive: 0, ConnectionsAccepted: 1 });
    }

    [Fact]
    public void Every_cut_and_every_change_of_a_ClientHello_is_survived()
    {
        byte[] hello = Hello();
        var whole = new ClientHello();
        Assert.Equal(ClientHelloState.Complete, whole.Read(hello, 16384));
        Assert.Equal(("a.example", "h2,http/1.1"), (whole.ServerName, string.Join(',', whole.ApplicationProtocols)));
        for (int i = 0; i < hello.Length; i++)
        {
            Assert.Equal(ClientHelloState.Incomplete, new ClientHello().Read(hello.AsSpan(0, i), 16384));
            foreach (byte value in (byte[])[0, 1, 0x7f, 0xff])
            {
                byte[] changed = [.. hello];
                changed[i] = value;
                _ = new ClientHello().Read(changed, 16384);
            }
        }

        // In records of one byte each, as some clients cut it.
        byte[] pieces = [.. hello[5..].SelectMany(b => (byte[])[22, 3, 1, 0, 1, b])];
        var gathered = new ClientHello();
        Assert.Equal(ClientHelloState.Complete, gathered.Read(pieces, 16384));
        Assert.Equal("a.example", gathered.ServerName);
        Assert.Equal(ClientHelloState.Incomplete, new ClientHello().Read(pieces.AsSpan(0, pieces.Length - 1), 16384));
        Assert.Equal(ClientHelloState.NotTls, new ClientHello().Read("GET "u8, 16384));
        Assert.Equal(ClientHelloState.Malformed, new ClientHello().Read([22, 3, 1, 0, 4, 1, 1, 0, 0], 16384));
    }

    private sealed class Gate : IListenerFilter
    {
        public ListenerFilterResult Inspect(AcceptedConnection connection, ReadOnlySpan<byte> received, bool isAll)
        {
            if (received.Length < 4)
            {
                return ListenerFilterResult.NeedMore;
            }

            connection.RemoteAddress = new System.Net.IPEndPoint(System.Net.IPAddress.Parse("192.0.2.77"), 7);
            return received.StartsWith("OPEN"u8) ? ListenerFilterResult.Consume(4) : ListenerFilterResult.Close("no OPEN");
        }
    }

    [Fact]
    public async Task A_listener_filter_of_an_extension_opens_closes_and_says_who_the_client_is()
    {
        await using var lab = new TcpLab();
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var extensions = new ConnectionExtensions();
        extensions.ListenerFilters.Add("gate", _ => new Gate());
        int port = await lab.StartAsync(Http(new(""" "listener_filters":[{"type":"gate"}], """)), TcpLab.Cluster("up", upstream.Address), Router, extensions: extensions);
        Assert.StartsWith("HTTP/1.1 200", await RawClient.ExchangeAsync(port, "OPENGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains("x-forwarded-for: 192.0.2.77\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.Equal("", await RawClient.ExchangeAsync(port, "SHUTGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }

    [Theory]
    [InlineData("""{"type":"nobody"}""", "there is no listener filter 'nobody'; there are: original_dst, proxy_protocol, tls_inspector")]
    [InlineData("""{"type":"proxy_protocol"}""", "is missing and required: the addresses of the proxies that may say who the client is, such as [\"10.0.0.0/8\"]")]
    [InlineData("""{"type":"proxy_protocol","config":{"trusted_addresses":["x"]}}""", "found \"x\", wanted an address or a range, such as \"10.0.0.0/8\"")]
    [InlineData("""{"type":"original_dst","config":{"type":"magic"}}""", "found \"magic\", wanted redirect or tproxy")]
    public async Task A_wrong_listener_filter_keeps_the_proxy_from_starting(string filter, string message)
    {
        string json = $$"""{"servers":[{"routers":[{{Router}}],"listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,{{Http(new($"\"listener_filters\":[{filter}],"))}} }]}],"cluster_manager":{"clusters":[{{TcpLab.Cluster("up", "127.0.0.1:1")}}]} }""";
        var configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "t.json").Configuration;
        var problem = Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(() => ProxyServer.CheckAsync(configuration, new StreamFilterRegistry()))).Problems);
        Assert.Equal(message, problem.Message);
    }

    private static byte[] Hello()
    {
        byte[] name = "a.example"u8.ToArray();
        byte[] sni = [0, 0, 0, (byte)(name.Length + 5), 0, (byte)(name.Length + 3), 0, 0, (byte)name.Length, .. name];
        byte[] alpn = [0, 16, 0, 14, 0, 12, 2, .. "h2"u8, 8, .. "http/1.1"u8];
        byte[] body = [3, 3, .. new byte[32], 0, 0, 2, 0x13, 1, 1, 0, 0, (byte)(sni.Length + alpn.Length), .. sni, .. alpn];
        return [22, 3, 1, 0, (byte)(body.Length + 4), 1, 0, 0, (byte)body.Length, .. body];
    }
}
