using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Net;

/// <summary>How a connection is read: in order, not while it is paused, and to its end.</summary>
public sealed class TransportInputTests : TransportLab
{
    [Fact]
    public async Task A_paused_connection_reads_nothing_and_resumed_misses_nothing()
    {
        await OnLoopAsync(Connection.Transport.PauseReading);
        await Peer.SendAllAsync("abc");
        await Task.Delay(50);
        await OnLoopAsync(() => Assert.Equal("", Connection.Text));
        await OnLoopAsync(Connection.Transport.ResumeReading);

        await Eventually.HoldsAsync(() => Connection.Text == "abc");
    }

    [Fact]
    public async Task What_an_owner_leaves_comes_again_before_anything_newer()
    {
        // Takes five bytes at a time and stops; the test lets it go on.
        await OnLoopAsync(() => Connection.TakeAtOnce = 5);
        string expected = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"{i},"));
        var sending = Task.Run(async () =>
        {
            for (int i = 0; i < expected.Length; i += 13)
            {
                await Peer.SendAllAsync(expected.Substring(i, Math.Min(13, expected.Length - i)));
            }
        });

        while (Connection.Length < expected.Length)
        {
            await OnLoopAsync(Connection.Transport.ResumeReading);
        }

        await sending;
        Assert.Equal(expected, Connection.Text);
    }

    [Fact]
    public async Task Newer_input_in_the_same_batch_does_not_overtake_what_was_left()
    {
        await OnLoopAsync(() => Connection.TakeAtOnce = 3);
        await Peer.SendAllAsync("123456");
        await Eventually.HoldsAsync(() => Connection.Text == "123");

        // The loop is busy while the newer bytes arrive, so that it resumes and hears of them in one turn.
        await OnLoopAsync(() =>
        {
            Connection.TakeAtOnce = int.MaxValue;
            Peer.Send("789"u8);
            Thread.Sleep(20);
            Connection.Transport.ResumeReading();
            Connection.Transport.OnEvents(1);
        });

        await Eventually.HoldsAsync(() => Connection.Length == 9);
        Assert.Equal("123456789", Connection.Text);
    }

    [Fact]
    public async Task The_peers_end_comes_after_all_that_it_sent()
    {
        var bytes = TestBytes.Make(3 * 1024 * 1024);
        await Peer.SendAllAsync(bytes);
        Peer.Shutdown(SocketShutdown.Send);

        await Connection.Ended.Task.SoonAsync();

        Assert.Equal(bytes.Length, Connection.Length);
        Assert.False(Connection.Closed.Task.IsCompleted);
    }

    [Fact]
    public async Task A_reset_is_noticed_while_reading_is_paused()
    {
        await OnLoopAsync(Connection.Transport.PauseReading);
        Peer.LingerState = new LingerOption(true, 0);
        Peer.Close();

        await Connection.PeerReset.Task.SoonAsync();
    }

    [Fact]
    public async Task What_is_peeked_at_is_received_afterwards_less_what_was_skipped()
    {
        await OnLoopAsync(() => Connection.Transport.PeekInput(true));
        await Peer.SendAllAsync("header|body");
        await Eventually.HoldsAsync(() => Connection.Peeked == "header|body");
        await OnLoopAsync(() =>
        {
            Assert.Equal(0, Connection.Length);
            Connection.Transport.SkipPeeked(7);
            Connection.Transport.PeekInput(false);
        });

        await Eventually.HoldsAsync(() => Connection.Text == "body");
    }

    [Fact]
    public async Task A_connection_is_quiet_until_its_peer_says_something()
    {
        await OnLoopAsync(() => Assert.True(Connection.Transport is { HasUnread: false } transport && transport.IsQuiet()));
        await OnLoopAsync(Connection.Transport.PauseReading);
        await Peer.SendAllAsync("x");

        await Eventually.HoldsAsync(() => !Connection.Transport.IsQuiet());
        await Eventually.HoldsAsync(() => Connection.Transport.HasUnread);
    }
}
