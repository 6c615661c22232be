using System.Net;
using System.Net.Sockets;
using Outrider.Configuration.Model;
using Outrider.Tests.Harness;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;
using static Outrider.Tests.Upstream.HostFixture;

namespace Outrider.Tests.Upstream;

public sealed class AddressFamilyTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_name_with_both_families_keeps_the_other_address_for_when_the_first_does_not_answer(bool strictDns)
    {
        var configuration = Cluster("a", "name:80") with { Type = strictDns ? ClusterType.StrictDns : ClusterType.Simple };
        var set = ClusterSet.Build([configuration], null, 1, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.IPv6Loopback, IPAddress.Loopback]));
        var host = Assert.Single(set.Find("a")!.Hosts.Hosts.ToArray());

        Assert.Equal("127.0.0.1:80", host.Address);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 80), host.OtherEndPoint);
    }

    [Fact]
    public void A_pool_goes_to_the_address_that_answered_last()
    {
        var first = new IPEndPoint(IPAddress.Loopback, 80);
        var other = new IPEndPoint(IPAddress.IPv6Loopback, 80);
        var host = new UpstreamHost("n:80", "127.0.0.1:80", first, "", 1, 1);
        AddressFamilies families = default;
        Assert.Equal(first, families.First(host));
        Assert.Null(families.Second(host, first));

        host.OtherEndPoint = other;
        Assert.Equal(other, families.Second(host, first));
        Assert.Null(families.Second(host, other));
        families.OnConnected(host, other);
        Assert.Equal(other, families.First(host));
        Assert.Equal(first, families.Second(host, other));
        Assert.Null(families.Second(host, first));
        families.OnConnected(host, first);
        Assert.Equal(first, families.First(host));

        families.OnConnected(host, other);
        host.OtherEndPoint = null;
        Assert.Equal(first, families.First(host));
    }

    [Fact]
    public async Task An_upstream_that_listens_on_one_family_is_found_by_a_name_that_has_both()
    {
        using var probe = new TcpListener(IPAddress.IPv6Loopback, 0);
        try
        {
            probe.Start();
        }
        catch (SocketException)
        {
            // A machine without IPv6 has nothing to try.
            return;
        }

        if ((await Dns.GetHostAddressesAsync("localhost")).DistinctBy(a => a.AddressFamily).Count() < 2)
        {
            return;
        }

        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var socket = await probe.AcceptSocketAsync();
                _ = Task.Run(async () =>
                {
                    var connection = new UpstreamConnection(socket, _ => { });
                    while (await connection.ReadRequestAsync() is { Length: > 0 })
                    {
                        await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
                        socket.Dispose();
                        return;
                    }
                });
            }
        });
        await using var proxy = await TestProxy.StartAsync([$"localhost:{port}"]);
        for (int i = 0; i < 3; i++)
        {
            Assert.EndsWith("ok", await RawClient.ExchangeAsync(proxy.Port, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx"), StringComparison.Ordinal);
        }

        // Only the first one had to find out.
        Assert.Equal(1, proxy.Stats.UpstreamConnectFailures);
        Assert.Equal(4, proxy.Stats.UpstreamConnects);
    }

    [Fact]
    public void Unknown_names_are_looked_up_again_soon_and_then_less_and_less_often()
    {
        var wait = new LookupWait(TimeSpan.FromSeconds(10));
        Assert.Equal([10, 1, 2, 4, 8, 10, 10], new[] { false, true, true, true, true, true, true }.Select(unknown => wait.Next(unknown).TotalSeconds));
        Assert.Equal([10, 1], new[] { false, true }.Select(unknown => wait.Next(unknown).TotalSeconds));
    }
}
