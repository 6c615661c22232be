using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Net.Addresses;
using Outrider.Net.Listening;
using Outrider.Proxy.Listening;
using Outrider.Tests.Harness;
using Outrider.Tests.Tcp;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Listening;

/// <summary>Which filter chain a connection gets.</summary>
public sealed class FilterChainTests
{
    private const string Router = """{"router_config_name":"ROUTER","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200,"body":"ROUTER"}}]}]}""";

    private static string Http(string router, string more = "") => $$"""{ {{more}} "filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"{{router}}"} }]}""";

    private static string Routers(params string[] names) => string.Join(",", names.Select(name => Router.Replace("ROUTER", name, StringComparison.Ordinal)));

    [Fact]
    public async Task The_closest_server_name_chooses_and_TLS_is_passed_through_where_nobody_ends_it()
    {
        await using var lab = new TcpLab();
        await using var host = new TcpLab();
        string chain = Http("host", $"\"tls_context\":{host.Tls.Context()},");
        int behind = await host.StartAsync($"\"filter_chains\":[{chain}]", "", Routers("host"));

        string listener = $$"""
            "filter_chains":[
              {{Http("exact", $$""" "match":{"server_names":["a.example.com"]},"tls_context":{{lab.Tls.Context()}}, """)}},
              {{Http("wild", $$""" "match":"server_names:\"*.example.com\" transport_protocol:\"tls\"","tls_context":{{lab.Tls.Context()}}, """)}},
              {{TcpLab.Chain("""{"cluster":"up"}""", """ "match":{"server_names":["through.test"]}, """)}},
              {{Http("plain", """ "match":{"transport_protocol":"raw_buffer"}, """)}}]
            """;
        int port = await lab.StartAsync(listener, TcpLab.Cluster("up", $"127.0.0.1:{behind}"), Routers("exact", "wild", "plain"));
        Assert.EndsWith("\r\n\r\nexact", await TlsClient.GetAsync(port, "a.example.com"), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nwild", await TlsClient.GetAsync(port, "b.example.com"), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nwild", await TlsClient.GetAsync(port, "c.b.example.com"), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhost", await TlsClient.GetAsync(port, "through.test"), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nplain", await RawClient.ExchangeAsync(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);

        // The bare domain is not below itself.
        await Assert.ThrowsAnyAsync<IOException>(() => TlsClient.GetAsync(port, "example.com"));
        await Eventually.HoldsAsync(() => lab.Stats is { ConnectionsUnmatched: 1, ConnectionsActive: 0 });
        Assert.Equal(6, lab.Stats.ConnectionsAccepted);
    }

    [Fact]
    public async Task A_connection_that_no_chain_is_for_goes_to_the_default_one()
    {
        await using var lab = new TcpLab();
        string listener = $$"""
            "filter_chains":[{{Http("other", """ "match":{"destination_port":1}, """)}}],"default_filter_chain":{{Http("default")}}
            """;
        int port = await lab.StartAsync(listener, "", Routers("other", "default"));
        Assert.EndsWith("\r\n\r\ndefault", await GetAsync(port), StringComparison.Ordinal);

        // It is enough by itself, and a chain for everybody leaves it nothing.
        await lab.ReloadAsync($"\"default_filter_chain\":{Http("default")}", "", Routers("default"));
        Assert.EndsWith("\r\n\r\ndefault", await GetAsync(port), StringComparison.Ordinal);
        await lab.ReloadAsync($"\"filter_chains\":[{Http("other")}],\"default_filter_chain\":{Http("default")}", "", Routers("other", "default"));
        Assert.EndsWith("\r\n\r\nother", await GetAsync(port), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "match":{"source_type":"SAME_IP_OR_LOOPBACK"}, """, """ "match":{"source_type":"EXTERNAL"}, """)]
    [InlineData(""" "match":"source_type:SAME_IP_OR_LOOPBACK", """, """ "match":"source_type:EXTERNAL", """)]
    public async Task A_chain_may_be_for_this_machine_or_for_all_others(string here, string elsewhere)
    {
        await using var lab = new TcpLab();
        string listener = $$"""
            "listener_filters":[{"type":"proxy_protocol","config":{"trusted_addresses":["127.0.0.1"],"allow_requests_without_proxy_protocol":true} }],
            "filter_chains":[{{Http("here", here)}},{{Http("elsewhere", elsewhere)}}]
            """;
        int port = await lab.StartAsync(listener, "", Routers("here", "elsewhere"));
        Assert.EndsWith("\r\n\r\nhere", await GetAsync(port), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nelsewhere", await GetAsync(port, "PROXY TCP4 192.0.2.1 192.0.2.9 5 80\r\n"), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhere", await GetAsync(port, "PROXY TCP4 192.0.2.9 192.0.2.9 5 80\r\n"), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhere", await GetAsync(port, "PROXY TCP6 ::1 2001:db8::1 5 80\r\n"), StringComparison.Ordinal);
    }

    private static Task<string> GetAsync(int port, string before = "") => RawClient.ExchangeAsync(port, before + "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    [Fact]
    public async Task Chains_differ_by_destination_port_and_source_and_the_order_is_Envoys()
    {
        await using var lab = new TcpLab();
        int port = FreePorts.Next();
        string listener = $$"""
            "filter_chains":[
              {{Http("source", """ "match":{"source_prefix_ranges":[{"address_prefix":"127.0.0.1","prefix_len":32}]}, """)}},
              {{Http("port", $$""" "match":{"destination_port":{{port}}}, """)}},
              {{Http("wide", $$""" "match":{"destination_port":{{port}},"source_prefix_ranges":[{"address_prefix":"127.0.0.0","prefix_len":{"value":8} }]}, """)}},
              {{Http("other", $$""" "match":{"destination_port":{{port - 1}}}, """)}}]
            """;
        await lab.StartAsync(listener, "", Routers("source", "port", "wide", "other"), port: port);
        // The port comes first, and only then the source's range.
        Assert.EndsWith("\r\n\r\nwide", await RawClient.ExchangeAsync(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_changes_chains_while_connections_stay()
    {
        await using var lab = new TcpLab();
        string before = $"\"filter_chains\":[{Http("a")}]";
        int port = await lab.StartAsync(before, "", Routers("a"));
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.EndsWith("\r\n\r\na", await client.ReadResponseAsync(), StringComparison.Ordinal);

        await lab.ReloadAsync($$""" "filter_chains":[{{Http("b", """ "name":"one", """)}}, {{Http("c", """ "name":"two","match":{"source_prefix_ranges":["127.0.0.1"]}, """)}}] """, "", Routers("b", "c"));
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.EndsWith("\r\n\r\nb", await client.ReadResponseAsync(), StringComparison.Ordinal);
        using var second = await RawClient.ConnectAsync(port);
        await second.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.EndsWith("\r\n\r\nc", await second.ReadResponseAsync(), StringComparison.Ordinal);

        // Without its chain the second one's connection ends; the listener is a plain one again.
        await lab.ReloadAsync($"\"filter_chains\":[{Http("a")}]", "", Routers("a"));
        Assert.Equal("", await second.ReadToEndAsync());
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.EndsWith("\r\n\r\na", await client.ReadResponseAsync(), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => lab.Stats.ConnectionsActive == 1);
    }

    [Fact]
    public void Two_chains_for_the_same_connections_are_an_error()
    {
        string json = $$"""{"servers":[{"routers":[{{Routers("a")}}],"listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{{Http("a")}},{{Http("a")}}]}]}]}""";
        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Parse(System.Text.Encoding.UTF8.GetBytes(json), "t.json")).Problems);
        Assert.Equal(("servers[0].listeners[0].filter_chains[1]", "matches the same connections as \"filter_chains[0]\", and would never be chosen"), (problem.JsonPath, problem.Message));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "11.1.2.3", false)]
    [InlineData("10.0.0.0/9", "10.128.0.1", false)]
    [InlineData("0.0.0.0/0", "255.0.0.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("2001:db8::/33", "2001:db8:7fff::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", false)]
    public void A_range_has_the_addresses_of_its_prefix(string range, string address, bool contains)
        => Assert.Equal(contains, AddressRange.Parse(range)!.Contains(PeerAddress.Create(System.Net.IPAddress.Parse(address).GetAddressBytes(), 1)));

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0/8")]
    [InlineData("::/129")]
    [InlineData("010.0.0.0/8")]
    [InlineData("10.0.0.0/")]
    [InlineData("name")]
    public void What_is_no_range_is_none(string text) => Assert.Null(AddressRange.Parse(text));
}
