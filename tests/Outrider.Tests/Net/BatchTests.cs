using System.Net;
using System.Net.Sockets;
using Outrider.Net.Listening;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Net;

/// <summary>What connections have to do with others whose events come together with theirs.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "IAsyncLifetime disposes.")]
public sealed class BatchTests : IAsyncLifetime
{
    private readonly LoopFixture _fixture = new();
    private readonly List<Handler> _accepted = [];
    private readonly List<Socket> _peers = [];
    private ListenerSockets? _sockets;
    private Listener? _listener;

    public async Task InitializeAsync()
    {
        _sockets = Listener.Bind(new IPEndPoint(IPAddress.Loopback, 0), 1);
        await OnLoopAsync(() => _listener = Listener.Start(_fixture.Loop, _sockets[0], transport => _accepted.Add(new Handler(transport))));
        for (int i = 0; i < 3; i++)
        {
            var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await peer.ConnectAsync(_sockets.EndPoint);
            _peers.Add(peer);
            await Eventually.HoldsAsync(() => _accepted.Count > i);
        }
    }

    public async Task DisposeAsync()
    {
        _peers.ForEach(peer => peer.Dispose());
        await OnLoopAsync(() =>
        {
            _listener!.Stop();
            _accepted.ForEach(handler => handler.Transport.Close());
        });
        await _fixture.DisposeAsync();
        _sockets!.Dispose();
        Assert.Empty(_fixture.Failures);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task What_several_events_write_to_a_connection_that_gathers_leaves_at_the_end_of_them_all(bool gathers, int waitsAtTheSecond)
    {
        var shared = _accepted[2];
        List<int> waiting = [];
        await OnLoopAsync(() =>
        {
            if (gathers)
            {
                shared.Transport.GatherOutput();
            }

            _accepted[0].Received = _accepted[1].Received = () =>
            {
                waiting.Add(shared.Transport.PendingOutput);
                shared.Transport.Write("x"u8);
            };

            // Both are there before the loop looks again.
            _ = _peers[0].Send("a"u8);
            _ = _peers[1].Send("b"u8);
            SpinWait.SpinUntil(() => !_accepted[0].Transport.IsQuiet() && !_accepted[1].Transport.IsQuiet());
        });

        Assert.Equal("xx", System.Text.Encoding.ASCII.GetString(await new WireReader(_peers[2]).ReadBytesAsync(2)));
        await OnLoopAsync(() => Assert.Equal([0, waitsAtTheSecond], waiting));
    }

    [Fact]
    public async Task A_connection_that_gathers_sends_what_is_large_at_once_and_the_rest_behind_it()
    {
        byte[] large = TestBytes.Make(64 * 1024);
        await OnLoopAsync(() =>
        {
            _accepted[2].Transport.GatherOutput();
            _accepted[2].Transport.Write("first"u8);
            _accepted[2].Transport.Write(large);
            Assert.Equal(0, _accepted[2].Transport.PendingOutput);
            _accepted[2].Transport.Write("last"u8);
        });

        byte[] expected = [.. "first"u8, .. large, .. "last"u8];
        Assert.Equal(TestBytes.Digest(expected), TestBytes.Digest(await new WireReader(_peers[2]).ReadBytesAsync(expected.Length)));
    }

    [Fact]
    public async Task A_connection_that_gathers_closes_and_tells_so_once()
    {
        await OnLoopAsync(() =>
        {
            _accepted[2].Transport.GatherOutput();
            _accepted[2].Transport.Write("bye"u8);
            _accepted[2].Transport.CloseWhenWritten(drain: false);
        });

        Assert.Equal("bye", System.Text.Encoding.ASCII.GetString(await new WireReader(_peers[2]).ReadBytesAsync(3)));
        Assert.Equal(0, await _peers[2].ReceiveAsync(new byte[1]).SoonAsync());
        await OnLoopAsync(() => Assert.Equal(1, _accepted[2].TimesClosed));
    }

    [Fact]
    public async Task A_look_within_a_call_shows_what_has_come_and_leaves_it_to_its_turn()
    {
        var resting = _accepted[0];
        List<string> order = [];
        await OnLoopAsync(() =>
        {
            resting.Received = () => order.Add("received");
            Assert.False(resting.Transport.HasUnread);
            _ = _peers[0].Send("a"u8);
            _peers[1].Shutdown(SocketShutdown.Send);
            SpinWait.SpinUntil(() => !_accepted[0].Transport.IsQuiet() && !_accepted[1].Transport.IsQuiet() && !_fixture.Loop.HasLookedLately);

            Assert.True(_fixture.Loop.LookIfStale());
            Assert.True(_fixture.Loop.HasLookedLately);
            Assert.True(resting.Transport.HasUnread);
            Assert.True(_accepted[1].Transport.IsPeerShutdown);
            Assert.False(_accepted[2].Transport.HasUnread);
            order.Add("looked");
        });

        await OnLoopAsync(() => Assert.Equal(["looked", "received"], order));
        await OnLoopAsync(() => Assert.Equal(1, _accepted[1].TimesClosed));
    }

    [Fact]
    public async Task Looks_in_a_row_neither_lose_nor_repeat_what_comes()
    {
        int received = 0;
        const int rounds = 2000;
        await OnLoopAsync(() => _accepted[0].Received = () => received++);
        await OnLoopAsync(() =>
        {
            // More than one batch has room for.
            for (int i = 0; i < rounds; i++)
            {
                _ = _peers[0].Send("a"u8);
                while (_fixture.Loop.HasLookedLately && i % 10 == 0)
                {
                }

                _ = _fixture.Loop.LookIfStale();
            }
        });

        await Eventually.HoldsAsync(() => Volatile.Read(ref _accepted[0].Bytes) == rounds);
        await OnLoopAsync(() => Assert.True(received > 0));
    }

    private Task OnLoopAsync(Action action) => _fixture.Loop.InvokeAsync(action).SoonAsync();

    private sealed class Handler : TransportHandler
    {
        internal Handler(Transport transport)
        {
            Transport = transport;
            transport.Handler = this;
        }

        internal Transport Transport { get; }

        internal Action? Received { get; set; }

        internal int TimesClosed { get; private set; }

        internal int Bytes;

        public override int OnReceived(ReadOnlySpan<byte> data)
        {
            Bytes += data.Length;
            Received?.Invoke();
            return data.Length;
        }

        public override void OnEndOfInput() => Transport.Close();

        public override void OnTimer() => Transport.Close();

        public override void OnCut() => Transport.Close();

        public override void OnClosed(int error) => TimesClosed++;
    }
}
