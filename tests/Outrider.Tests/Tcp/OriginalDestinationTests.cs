using System.Diagnostics;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Tcp;

/// <summary>Connections that iptables redirects to the proxy, which sends them where they were to go.</summary>
public sealed class OriginalDestinationTests
{
    private const string Cluster = """{"name":"up","type":"ORIGINAL_DST","lb_type":"LB_ORIGINAL_DST"}""";

    [Theory]
    [InlineData(""" "use_original_dst":true, """)]
    [InlineData(""" "listener_filters":[{"type":"original_dst","config":{"type":"redirect"}}], """)]
    public async Task A_redirected_connection_goes_where_it_was_to_go(string filters)
    {
        await using var lab = new TcpLab();
        using var upstream = new RawUpstream(async (connection, _) => await connection.SendAsync("reached"));
        int port = await lab.StartAsync($$""" {{filters}} "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, Cluster);
        // The rule meets the client alone, which has an address of its own, and not the proxy on its way to the same place.
        int wanted = upstream.Port;
        string[] rule = ["OUTPUT", "-p", "tcp", "-s", "127.0.0.3", "-d", "127.0.0.1", "--dport", $"{wanted}", "-j", "REDIRECT", "--to-ports", $"{port}"];
        if (!IsDone("-A", rule))
        {
            // No iptables, or no right to change it: nothing to see here.
            return;
        }

        try
        {
            using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("127.0.0.3"), 0));
            await socket.ConnectAsync(System.Net.IPAddress.Loopback, wanted);
            var buffer = new byte[64];
            int count = await socket.ReceiveAsync(buffer).SoonAsync();
            Assert.Equal("reached"u8, buffer.AsSpan(0, count));
            socket.Close();
            Assert.Contains($" 127.0.0.1:{wanted} up 127.0.0.1:{wanted} 0 7 ", (await lab.LinesAsync())[0], StringComparison.Ordinal);
        }
        finally
        {
            _ = IsDone("-D", rule);
        }
    }

    [Fact]
    public async Task A_connection_that_TPROXY_brings_goes_where_it_was_to_go()
    {
        await using var lab = new TcpLab();
        using var upstream = new RawUpstream(async (connection, _) => await connection.SendAsync("reached"));
        int port;
        try
        {
            port = await lab.StartAsync($$""" "listener_filters":[{"type":"original_dst","config":{"type":"tproxy"} }],"filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, Cluster);
        }
        catch (IOException)
        {
            // Sockets for addresses that are not ours need CAP_NET_ADMIN.
            return;
        }

        // As above: the rule meets the client alone. What goes to a loopback address passes PREROUTING too.
        int wanted = upstream.Port;
        string[] rule = ["PREROUTING", "-p", "tcp", "-s", "127.0.0.4", "-d", "127.0.0.1", "--dport", $"{wanted}", "-j", "TPROXY", "--on-ip", "127.0.0.1", "--on-port", $"{port}"];
        if (!IsDone("-A", rule, "mangle"))
        {
            return;
        }

        try
        {
            using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("127.0.0.4"), 0));
            await socket.ConnectAsync(System.Net.IPAddress.Loopback, wanted);
            var buffer = new byte[64];
            int count = await socket.ReceiveAsync(buffer).SoonAsync();
            Assert.Equal("reached"u8, buffer.AsSpan(0, count));
            socket.Close();
            Assert.Contains($" 127.0.0.1:{wanted} up 127.0.0.1:{wanted} 0 7 ", (await lab.LinesAsync())[0], StringComparison.Ordinal);
            Assert.Equal(1, lab.Stats.ConnectionsAccepted);
        }
        finally
        {
            _ = IsDone("-D", rule, "mangle");
        }
    }

    [Fact]
    public async Task A_connection_that_nobody_redirected_is_not_sent_round_in_circles()
    {
        await using var lab = new TcpLab();
        int port = await lab.StartAsync($$""" "use_original_dst":true,"filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, Cluster);
        using var client = await RawClient.ConnectAsync(port);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Contains(" up - 0 0 UH ", (await lab.LinesAsync())[0], StringComparison.Ordinal);
        Assert.Equal(1, lab.Stats.ConnectionsAccepted);
    }

    private static bool IsDone(string action, string[] rule, string table = "nat")
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("iptables", ["-w", "-t", table, action, .. rule]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
