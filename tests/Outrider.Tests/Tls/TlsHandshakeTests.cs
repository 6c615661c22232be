using System.Net.Security;
using System.Security.Authentication;
using Outrider.Net.Loops;
using Outrider.Net.Tls;
using Outrider.Tests.Net;

namespace Outrider.Tests.Tls;

/// <summary>The handshake by itself: bytes in, bytes out.</summary>
public sealed class TlsHandshakeTests : IDisposable
{
    // Never started: this thread is the loop's.
    private readonly EventLoop _loop = new(0);
    private readonly TestAcceptor _acceptor = new();

    public void Dispose()
    {
        _acceptor.Dispose();
        _loop.Dispose();
    }

    [Fact]
    public void A_client_speaks_first_and_a_server_waits_for_it()
    {
        using var client = TlsEnd.Client(_loop);
        using var server = TlsEnd.Server(_loop, _acceptor);

        Assert.Equal(1, client.RecordsSent);
        Assert.Equal(0, server.RecordsSent);
        Assert.False(server.Handshake.Continue());
        Assert.False(server.Handshake.WaitsElsewhere);
    }

    [Fact]
    public void It_goes_as_far_as_the_bytes_reach_one_by_one_as_well()
    {
        using var client = TlsEnd.Client(_loop, "name.test");
        using var server = TlsEnd.Server(_loop, _acceptor);
        bool clientDone = false, serverDone = false;
        for (int round = 0; round < 4 && !(clientDone && serverDone); round++)
        {
            foreach (byte one in client.TakeSent())
            {
                serverDone = server.Receive([one], server.Handshake.Continue);
            }

            foreach (byte one in server.TakeSent())
            {
                clientDone = client.Receive([one], client.Handshake.Continue);
            }
        }

        Assert.True(clientDone && serverDone);
        var agreed = server.Handshake.Finish(out var error);
        Assert.Null(error);
        Assert.Equal("name.test", agreed!.ServerName);
        Assert.Equal(SslProtocols.Tls13, agreed.Protocol);
        Assert.False(agreed.IsResumed);
        Assert.Equal(["name.test"], _acceptor.Names);
        Assert.NotNull(client.Handshake.Finish(out _)!.PeerCertificate);
    }

    [Fact]
    public void What_is_written_after_its_end_goes_past_it()
    {
        var (client, server) = TlsEnd.Pair(_loop, _acceptor);
        using (client)
        using (server)
        {
            Assert.Same(client, client.Pipe.Sink);
            Assert.Same(server, server.Pipe.Sink);
        }
    }

    [Fact]
    public void A_certificate_that_is_not_trusted_ends_it_and_says_so()
    {
        using var client = TlsEnd.Client(_loop, trust: (_, _, _, _) => false);
        using var server = TlsEnd.Server(_loop, _acceptor);

        Assert.False(server.Receive(client.TakeSent(), server.Handshake.Continue));
        Assert.True(client.Receive(server.TakeSent(), client.Handshake.Continue));

        Assert.Null(client.Handshake.Finish(out var error));
        Assert.IsType<AuthenticationException>(error);
        // The alert for the peer.
        Assert.NotEqual(0, client.RecordsSent);
    }

    [Fact]
    public void Bytes_that_are_no_handshake_end_it()
    {
        using var server = TlsEnd.Server(_loop, _acceptor);

        Assert.True(server.Receive([22, 3, 1, 0, 4, 99, 0, 0, 0], server.Handshake.Continue));

        Assert.Null(server.Handshake.Finish(out var error));
        Assert.NotNull(error);
        Assert.Empty(_acceptor.Names);
    }

    [Fact]
    public void An_end_in_the_middle_ends_it()
    {
        using var server = TlsEnd.Server(_loop, _acceptor);
        server.Pipe.End();

        Assert.True(server.Handshake.Continue());
        Assert.Null(server.Handshake.Finish(out var error));
        Assert.NotNull(error);
    }

    [Fact]
    public async Task Its_owner_is_told_when_its_time_is_over()
    {
        await using var loop = new LoopFixture();
        using var acceptor = new TestAcceptor { HandshakeTimeout = 1 };
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Loop.Post(
            _ => new TlsHandshake(new Owner(told), new NoSink(), acceptor).Arm(loop.Loop), null);

        await told.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private sealed class Owner(TaskCompletionSource told) : ITlsHandshakeOwner
    {
        public void OnHandshakeTimeout() => told.SetResult();
    }

    private sealed class NoSink : ICiphertextSink
    {
        public void AppendCiphertext(ReadOnlySpan<byte> data) => throw new NotSupportedException();
    }
}
