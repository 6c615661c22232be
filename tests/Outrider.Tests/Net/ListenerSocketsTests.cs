using System.Net;
using System.Net.Sockets;
using Outrider.Net.Listening;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Net;

public sealed class ListenerSocketsTests
{
    private const int AddressInUse = 98;

    [Fact]
    public void A_connection_that_comes_while_the_port_opens_is_not_reset()
    {
        for (int round = 0; round < 100; round++)
        {
            var endPoint = new IPEndPoint(IPAddress.Loopback, FreePorts.Next());
            using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            var connecting = new Thread(() => ConnectAsSoonAsPossible(client, endPoint));
            connecting.Start();

            using var sockets = Listener.Bind(endPoint, loops: 4);

            connecting.Join();
            Assert.False(client.Poll(TimeSpan.FromMilliseconds(1), SelectMode.SelectRead), $"reset in round {round}");
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public void A_port_has_one_owner(int loops, int othersLoops)
    {
        using var sockets = Listener.Bind(new IPEndPoint(IPAddress.Loopback, 0), loops);

        var e = Assert.Throws<SocketException>(() => Listener.Bind(sockets.EndPoint, othersLoops));

        Assert.Equal(AddressInUse, e.NativeErrorCode);
    }

    [Fact]
    public void Connections_come_to_all_loops()
    {
        using var sockets = Listener.Bind(new IPEndPoint(IPAddress.Loopback, 0), loops: 2);
        var clients = Enumerable.Range(0, 100).Select(_ => new Socket(SocketType.Stream, ProtocolType.Tcp)).ToList();

        clients.ForEach(client => client.Connect(sockets.EndPoint));

        for (int loop = 0; loop < 2; loop++)
        {
            using var handle = new SafeSocketHandle(sockets[loop], ownsHandle: false);
            using var socket = new Socket(handle);
            Assert.True(socket.Poll(Eventually.Patience, SelectMode.SelectRead), $"loop {loop} has none");
        }

        clients.ForEach(client => client.Dispose());
    }

    private static void ConnectAsSoonAsPossible(Socket client, EndPoint endPoint)
    {
        while (true)
        {
            try
            {
                client.Connect(endPoint);
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
            }
        }
    }
}
