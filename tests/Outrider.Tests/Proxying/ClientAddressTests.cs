using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Proxying;

/// <summary>Who the client is, for filters and logs, and what upstreams are told of it.</summary>
public sealed class ClientAddressTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private const string Local = "\"trusted_addresses\":[\"127.0.0.0/8\",\"10.0.0.0/8\",\"2001:db8::/32\"]";

    [Theory]
    [InlineData("", "X-Forwarded-For: 9.9.9.9\r\n", null)]
    [InlineData("\"trusted_hops\":1", "", null)]
    [InlineData("\"trusted_hops\":1", "X-Forwarded-For: 6.6.6.6, 9.9.9.9\r\n", "9.9.9.9:0")]
    [InlineData("\"trusted_hops\":2", "X-Forwarded-For: 6.6.6.6, 9.9.9.9, 8.8.8.8\r\n", "9.9.9.9:0")]
    [InlineData("\"trusted_hops\":2", "X-Forwarded-For: 6.6.6.6, 9.9.9.9\r\nx-forwarded-for: 8.8.8.8:80\r\n", "9.9.9.9:0")]
    [InlineData("\"trusted_hops\":3", "X-Forwarded-For: 9.9.9.9, 8.8.8.8\r\n", null)]
    [InlineData("\"trusted_hops\":1", "X-Forwarded-For: 9.9.9.9, unknown\r\n", null)]
    [InlineData("\"trusted_hops\":1", "X-Forwarded-For: [2001:db8::9]:7\r\n", "[2001:db8::9]:7")]
    [InlineData(Local, "X-Forwarded-For: 6.6.6.6, 9.9.9.9, 10.1.1.1\r\n", "9.9.9.9:0")]
    [InlineData(Local, "X-Forwarded-For: 6.6.6.6, 9.9.9.9\r\nX-Forwarded-For:\t2001:db8::7 ,, 10.1.1.1:99\r\n", "9.9.9.9:0")]
    [InlineData(Local, "X-Forwarded-For: 10.2.2.2, 10.1.1.1\r\n", "10.2.2.2:0")]
    [InlineData(Local, "X-Forwarded-For: 6.6.6.6, rubbish, 10.1.1.1\r\n", "10.1.1.1:0")]
    [InlineData(Local, "X-Forwarded-For: 2a00::1\r\n", "[2a00::1]:0")]
    [InlineData("\"trusted_addresses\":[\"10.0.0.0/8\"]", "X-Forwarded-For: 9.9.9.9\r\n", null)]
    [InlineData("\"trusted_addresses\":[\"unix\"]", "X-Forwarded-For: 9.9.9.9\r\n", null)]
    public async Task A_client_is_who_those_say_that_are_trusted(string settings, string fields, string? client)
    {
        var seen = new ConcurrentQueue<string?>();
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [Seeing(seen)], settings);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, proxy.Port);

        await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: x\r\n{fields}\r\n"));
        Assert.True(await socket.ReceiveAsync(new byte[100]).SoonAsync() > 0);

        string own = socket.LocalEndPoint!.ToString()!;
        Assert.Equal([client ?? own, client ?? own, client ?? own, own], seen);
        Assert.EndsWith("127.0.0.1", Field(upstream.Received, "x-forwarded-for"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_on_a_Unix_socket_has_no_address_but_may_be_trusted()
    {
        var seen = new ConcurrentQueue<string?>();
        using var folder = new Logging.TemporaryFolder();
        string path = folder.File("s");
        using var upstream = RawUpstream.Answering(Answer);
        string json = TestJson(path, upstream.Address, "\"trusted_addresses\":[\"unix\"],\"forwarded\":\"append\",\"x_forwarded_port\":\"append\"");
        var registry = new StreamFilterRegistry();
        var filter = Seeing(seen);
        registry.Add("f0", _ => filter);
        await using var proxy = await TestProxy.StartJsonAsync(json, registry);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));

        foreach (string fields in new[] { "", "X-Forwarded-For: 9.9.9.9\r\n" })
        {
            await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: x\r\n{fields}\r\n"));
            Assert.True(await socket.ReceiveAsync(new byte[100]).SoonAsync() > 0);
        }

        Assert.Equal([null, "unix", "unix", "unix", "9.9.9.9:0", "9.9.9.9:0", "9.9.9.9:0", "unix"], seen);
        Assert.Contains("forwarded: for=_unix;host=\"x\";proto=http\r\n", upstream.Received, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("x-forwarded-port", upstream.Received, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("append", "", "x.test:81", "PORT", "for=127.0.0.1;host=\"x.test:81\";proto=http")]
    [InlineData("append", "X-Forwarded-Host: a\r\nX-Forwarded-Port: 1\r\nForwarded: for=a\r\nForwarded: for=b\r\n", "a", "1", "for=b, for=127.0.0.1;host=\"x.test:81\";proto=http")]
    [InlineData("replace", "X-Forwarded-Host: a\r\nX-Forwarded-Port: 1\r\nForwarded: for=a\r\nForwarded: for=b\r\n", "x.test:81", "PORT", "for=127.0.0.1;host=\"x.test:81\";proto=http")]
    [InlineData("off", "X-Forwarded-Host: a\r\nX-Forwarded-Port: 1\r\nForwarded: for=b\r\n", "a", "1", "for=b")]
    [InlineData("off", "", null, null, null)]
    public async Task Upstreams_are_told_what_the_settings_say(string mode, string fields, string? host, string? port, string? forwarded)
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address], extendConfig: $"\"x_forwarded_host\":\"{mode}\",\"x_forwarded_port\":\"{mode}\",\"forwarded\":\"{mode}\"");

        await RawClient.ExchangeAsync(proxy.Port, $"GET / HTTP/1.1\r\nHost: x.test:81\r\n{fields}Connection: close\r\n\r\n");

        Assert.Equal(host, Field(upstream.Received, "x-forwarded-host"));
        Assert.Equal(port == "PORT" ? proxy.Port.ToString(System.Globalization.CultureInfo.InvariantCulture) : port, Field(upstream.Received, "x-forwarded-port"));
        Assert.Equal(forwarded, Field(upstream.Received, "forwarded"));
    }

    [Theory]
    [InlineData("append", false, null)]
    [InlineData("replace", false, null)]
    [InlineData("off", false, "Hash=forged")]
    [InlineData("append", true, "Hash=forged, Hash=*;Subject=\"CN=alice\"*")]
    [InlineData("replace", true, "Hash=*;Subject=\"CN=alice\"*")]
    public async Task Of_a_certificate_upstreams_hear_what_the_client_showed(string mode, bool shows, string? expected)
    {
        using var lab = new TlsLab();
        using var upstream = RawUpstream.Answering(Answer);
        string demands = $$""","verify_client":true,"ca_cert":"{{lab.Path("ca.pem")}}" """;
        await using var proxy = await lab.StartAsync([upstream.Address], [lab.Context(demands)], limits: $"\"x_forwarded_client_cert\":\"{mode}\"");
        lab.Write("alice", lab.Authority.Issue("alice", ["alice.test"]));
        string[] certificate = shows ? ["--cert", lab.Path("alice.pem"), "--key", lab.Path("alice.key")] : [];

        await TlsLab.RunAsync("curl", "", ["-sk", "--max-time", "20", "-H", "X-Forwarded-Client-Cert: Hash=forged", .. certificate, $"https://127.0.0.1:{proxy.Port}/"]);

        string? field = Field(upstream.Received, "x-forwarded-client-cert");
        if (expected is null)
        {
            Assert.Null(field);
        }
        else
        {
            Assert.Matches("^" + System.Text.RegularExpressions.Regex.Escape(expected).Replace("\\*", ".*", StringComparison.Ordinal) + "$", field!);
        }
    }

    [Theory]
    [InlineData("\"trusted_hops\":1,\"trusted_addresses\":[\"10.0.0.0/8\"]", "trusted_hops")]
    [InlineData("\"trusted_hops\":256", "trusted_hops")]
    [InlineData("\"trusted_addresses\":[\"nobody\"]", "trusted_addresses[0]")]
    [InlineData("\"forwarded\":\"yes\"", "forwarded")]
    public async Task A_setting_that_means_nothing_is_an_error(string settings, string key)
    {
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => TestProxy.StartAsync(["127.0.0.1:1"], extendConfig: settings));

        Assert.Contains("extend_config." + key, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 4711 80\r\n", "203.0.113.7:4711")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 4711 80\r\n", "[2001:db8::7]:4711")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\xc0\0\x02\x01\x12\x67\0\x50", "203.0.113.7:4711")]
    [InlineData("", "127.0.0.1:*")]
    public async Task Who_the_PROXY_header_names_is_the_client_for_filters_logs_and_upstreams(string header, string client)
    {
        var seen = new ConcurrentQueue<string?>();
        using var upstream = FilterExchange.Mirror();
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address], [Seeing(seen)],
            listener: ""","listener_filters":[{"type":"proxy_protocol","config":{"trusted_addresses":["127.0.0.1"],"allow_requests_without_proxy_protocol":true} }]""");
        using var connection = await RawClient.ConnectAsync(proxy.Port);
        await connection.SendAsync(header + FilterExchange.Get);
        string answer = await connection.ReadResponseAsync();

        string expected = client.Replace("*", $"{((System.Net.IPEndPoint)connection.Socket.LocalEndPoint!).Port}", StringComparison.Ordinal);
        Assert.Equal([expected, expected, expected, expected], seen);
        Assert.Equal(System.Net.IPEndPoint.Parse(expected).Address.ToString(), Field(answer, "x-forwarded-for"));
    }

    // Four entries for a request: as an end point, as text, and the two as an access log has them.
    private static Script Seeing(ConcurrentQueue<string?> seen) => new()
    {
        DecodeHeaders = (filter, _, _) =>
        {
            seen.Enqueue(filter.Context.DownstreamRemote?.ToString());
            seen.Enqueue(filter.Context.DownstreamRemoteAddress);
            seen.Enqueue(filter.Context.GetVariable("downstream_remote_address") as string);
            seen.Enqueue(filter.Context.GetVariable("downstream_direct_remote_address") as string);
            return FilterAction.Continue;
        },
    };

    // The last line of that name.
    private static string? Field(string request, string name) => request.Split("\r\n")
        .LastOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private static string TestJson(string path, string upstream, string settings) => $$$"""
        {"servers":[{"default_log_path":"/dev/null","routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
        "listeners":[{"name":"l","address":"{{{path}}}","network":"unix","bind_port":true,
          "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","router_config_name":"r","extend_config":{ {{{settings}}} } }}]}],"stream_filters":[{"type":"f0"}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","type":"SIMPLE","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{{upstream}}}"}]}]}}
        """;
}
