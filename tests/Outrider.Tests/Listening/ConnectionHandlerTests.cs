using Outrider.Net.Listening;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Proxy.Listening;
using Outrider.Tests.Harness;
using Outrider.Tests.Tcp;

namespace Outrider.Tests.Listening;

/// <summary>Ends of filter chains that are not the proxy's own.</summary>
public sealed class ConnectionHandlerTests
{
    private sealed class Upper(Transport transport, IConnectionOwner owner) : OwnedConnection(transport, owner)
    {
        public override int OnReceived(ReadOnlySpan<byte> data)
        {
            Span<byte> upper = new byte[data.Length];
            _ = System.Text.Ascii.ToUpper(data, upper, out _);
            Transport.Write(upper);
            return data.Length;
        }

        public override void OnEndOfInput() => Transport.CloseWhenWritten(drain: false);
    }

    private sealed class UpperFactory : IConnectionHandlerFactory
    {
        public TransportHandler Create(Transport transport, IConnectionOwner owner, ConnectionOpening opening) => new Upper(transport, owner);
    }

    [Fact]
    public async Task A_handler_of_ones_own_ends_a_chain()
    {
        var extensions = new ConnectionExtensions();
        extensions.Handlers.Add("upper", _ => new UpperFactory());
        await using var lab = new TcpLab();
        int port = await lab.StartAsync(""" "filter_chains":[{"filters":[{"type":"upper"}]}] """, "", extensions: extensions);
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("loud");
        client.Shutdown();
        Assert.Equal("LOUD", await client.ReadToEndAsync());
        await Eventually.HoldsAsync(() => lab.Stats is { ConnectionsAccepted: 1, ConnectionsClosed: 1, ConnectionsActive: 0 });
    }
}
