using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Net;

/// <summary>How a connection ends: by its peer, by itself, in order or at once.</summary>
public sealed class TransportLifeTests : TransportLab
{
    [Fact]
    public async Task After_the_peers_end_we_may_go_on_writing()
    {
        Peer.Shutdown(SocketShutdown.Send);
        await Connection.Ended.Task.SoonAsync();
        var bytes = TestBytes.Make(3 * 1024 * 1024);

        await OnLoopAsync(() => Connection.Transport.Write(bytes));

        Assert.Equal(TestBytes.Digest(bytes), TestBytes.Digest(await new WireReader(Peer).ReadBytesAsync(bytes.Length)));
    }

    [Fact]
    public async Task After_our_own_end_we_go_on_reading_at_length()
    {
        var bytes = TestBytes.Make(5 * 1024 * 1024);
        await OnLoopAsync(() =>
        {
            Connection.Transport.Write("last words"u8);
            Connection.Transport.ShutdownWhenWritten();
            Connection.Transport.Write("not these"u8);
        });

        Assert.Equal("last words"u8.ToArray(), await new WireReader(Peer).ReadBytesAsync(long.MaxValue));
        for (int i = 0; i < bytes.Length; i += 64 * 1024)
        {
            // Full buffers, and pauses in which nothing is there to read.
            await Peer.SendAllAsync(bytes.AsMemory(i, 64 * 1024));
            if (i % (512 * 1024) == 0)
            {
                await Task.Delay(10);
            }
        }

        await Eventually.HoldsAsync(() => Connection.Length == bytes.Length || Connection.Closed.Task.IsCompleted);
        Assert.False(Connection.Closed.Task.IsCompleted);
    }

    [Fact]
    public async Task A_connection_that_closes_when_written_sends_everything_first()
    {
        var bytes = TestBytes.Make(10 * 1024 * 1024);
        await OnLoopAsync(() =>
        {
            Connection.Transport.Write(bytes);
            Connection.Transport.CloseWhenWritten(drain: false);
            Connection.Transport.Write("not these"u8);
        });
        var reader = new WireReader(Peer);

        Assert.Equal(TestBytes.Digest(bytes), TestBytes.Digest(await reader.ReadBytesAsync(long.MaxValue)));
        Assert.False(reader.IsReset);
        await Connection.Closed.Task.SoonAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_drains_is_not_reset_by_what_the_peer_still_sends(bool shutsDown)
    {
        await OnLoopAsync(Connection.Transport.PauseReading);
        await Peer.SendAllAsync(TestBytes.Make(64 * 1024));
        if (shutsDown)
        {
            Peer.Shutdown(SocketShutdown.Send);
            await Task.Delay(20);
        }

        await OnLoopAsync(() =>
        {
            Connection.Transport.Write("answer"u8);
            Connection.Transport.CloseWhenWritten(drain: true);
        });
        for (int i = 0; i < 5 && !shutsDown; i++)
        {
            await Task.Delay(20);
            await Peer.SendAllAsync(TestBytes.Make(64 * 1024));
        }

        var reader = new WireReader(Peer);
        Assert.Equal("answer"u8.ToArray(), await reader.ReadBytesAsync(long.MaxValue));
        Assert.False(reader.IsReset);
        if (!shutsDown)
        {
            Peer.Shutdown(SocketShutdown.Send);
        }

        await Connection.Closed.Task.SoonAsync();
        Assert.Equal(0, Connection.Length);
    }

    [Fact]
    public async Task An_aborted_connection_is_reset()
    {
        await OnLoopAsync(Connection.Transport.Abort);
        var reader = new WireReader(Peer);

        Assert.True(await reader.IsAtEndAsync());
        Assert.True(reader.IsReset);
    }

    [Fact]
    public async Task A_peers_reset_closes()
    {
        Peer.LingerState = new LingerOption(true, 0);
        Peer.Close();

        await Connection.Closed.Task.SoonAsync();
    }

    [Fact]
    public async Task A_close_from_within_a_callback_is_told_once_and_later()
    {
        await OnLoopAsync(() => Connection.ClosesOnInput = true);

        await Peer.SendAllAsync("x");

        await Connection.Closed.Task.SoonAsync();
        Assert.False(Connection.ClosedWithinCallback);
    }
}
