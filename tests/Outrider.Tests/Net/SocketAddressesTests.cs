using System.Net;
using System.Net.Sockets;
using Outrider.Net.Addresses;
using Outrider.Net.Sockets;

namespace Outrider.Tests.Net;

/// <summary>Whose a connection is.</summary>
public sealed class SocketAddressesTests
{
    [Fact]
    public void The_kernel_is_asked_once_and_what_it_said_stays_after_the_end()
    {
        var known = new OwnAddresses();
        var addresses = default(SocketAddresses);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var first = addresses.Local((int)listener.Handle, isConnecting: false, known);

        Assert.Equal(((IPEndPoint)listener.LocalEndPoint!).Port, first.Port);
        Assert.Equal(first, addresses.Local(-1, isConnecting: false, known));
        Assert.False(addresses.IsRestored);
    }

    [Fact]
    public void What_a_socket_says_before_it_is_connected_is_not_kept()
    {
        var known = new OwnAddresses();
        var addresses = default(SocketAddresses);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        Assert.True(addresses.Local((int)socket.Handle, isConnecting: true, known).IsKnown);
        Assert.False(addresses.Local(-1, isConnecting: true, known).IsKnown);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_address_that_the_client_wanted_takes_the_place_of_the_sockets(bool isOwn)
    {
        var addresses = default(SocketAddresses);
        var wanted = PeerAddress.Create([192, 0, 2, 1], 443);
        addresses.Restore(wanted, isOwn);

        Assert.Equal(wanted, addresses.Local(-1, isConnecting: false, new OwnAddresses()));
        Assert.Equal(!isOwn, addresses.IsRestored);
    }
}
