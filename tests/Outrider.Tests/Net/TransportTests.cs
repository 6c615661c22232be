using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Net.Listening;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Net;

[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "IAsyncLifetime disposes.")]
public sealed class TransportTests : IAsyncLifetime
{
    private readonly LoopFixture _fixture = new();
    private readonly TaskCompletionSource<TestHandler> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Socket _peer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private ListenerSockets? _sockets;
    private Listener? _listener;
    private TestHandler _connection = null!;

    public async Task InitializeAsync()
    {
        _sockets = Listener.Bind(new IPEndPoint(IPAddress.Loopback, 0), 1);
        await OnLoopAsync(() => _listener = Listener.Start(_fixture.Loop, _sockets[0], transport =>
        {
            var connection = new TestHandler(transport);
            transport.Handler = connection;
            _ = _accepted.TrySetResult(connection);
        }));
        await _peer.ConnectAsync(_sockets.EndPoint);
        _connection = await _accepted.Task.SoonAsync();
    }

    public async Task DisposeAsync()
    {
        _peer.Dispose();
        await OnLoopAsync(() =>
        {
            _listener!.Stop();
            _connection.Transport.Close();
        });
        await _connection.Closed.Task.SoonAsync();
        await _fixture.DisposeAsync();
        _sockets!.Dispose();
        Assert.Empty(_fixture.Failures);
        Assert.Equal(1, _connection.TimesClosed);
    }

    [Fact]
    public async Task Small_and_large_writes_leave_in_order()
    {
        var pieces = new[] { 1, 10, 8 * 1024, 3, 200_000, 16 * 1024, 5, 7_999, 8_001 }.Select(TestBytes.Make).ToArray();

        await OnLoopAsync(() => Array.ForEach(pieces, piece => _connection.Transport.Write(piece)));
        var expected = pieces.SelectMany(p => p).ToArray();

        Assert.Equal(TestBytes.Digest(expected), TestBytes.Digest(await new WireReader(_peer).ReadBytesAsync(expected.Length)));
    }

    [Fact]
    public async Task What_the_kernel_does_not_take_waits_and_arrives_whole()
    {
        var bytes = TestBytes.Make(20 * 1024 * 1024);

        await OnLoopAsync(() => _connection.Transport.Write(bytes));
        await OnLoopAsync(() =>
        {
            Assert.True(_connection.Transport.IsWriteBlocked);
            Assert.True(_connection.Transport.PendingOutput > 0);
            Assert.Equal(1, _connection.TimesBlocked);
            Assert.Equal(0, _connection.TimesWritten);
        });

        Assert.Equal(TestBytes.Digest(bytes), TestBytes.Digest(await new WireReader(_peer).ReadBytesAsync(bytes.Length)));
        await Eventually.HoldsAsync(() => Volatile.Read(ref _connection.TimesWritten) == 1);
        await OnLoopAsync(() => Assert.True(_connection is { Transport: { IsWriteBlocked: false, PendingOutput: 0 }, TimesBlocked: 1 }));
    }

    [Fact]
    public async Task Writes_while_blocked_come_after_what_waits()
    {
        var expected = new MemoryStream();
        for (int i = 0; i < 200; i++)
        {
            var piece = TestBytes.Make(1 + (i * 997 % 70_000));
            expected.Write(piece);
            await OnLoopAsync(() => _connection.Transport.Write(piece));
        }

        Assert.Equal(TestBytes.Digest(expected.ToArray()), TestBytes.Digest(await new WireReader(_peer).ReadBytesAsync(expected.Length)));
    }

    [Fact]
    public async Task Spans_of_the_queue_leave_in_order_with_writes()
    {
        await OnLoopAsync(() =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                var span = _connection.Transport.GetSpan(10);
                int length = Encoding.ASCII.GetBytes($"{i};", span);
                _connection.Transport.Advance(length);
                _connection.Transport.Write("w"u8);
            }
        });
        string expected = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"{i};w"));

        Assert.Equal(expected, Encoding.ASCII.GetString(await new WireReader(_peer).ReadBytesAsync(expected.Length)));
    }

    [Fact]
    public async Task A_paused_connection_reads_nothing_and_resumed_misses_nothing()
    {
        await OnLoopAsync(_connection.Transport.PauseReading);
        await _peer.SendAllAsync("abc");
        await Task.Delay(50);
        await OnLoopAsync(() => Assert.Equal("", _connection.Text));
        await OnLoopAsync(_connection.Transport.ResumeReading);

        await Eventually.HoldsAsync(() => _connection.Text == "abc");
    }

    [Fact]
    public async Task What_an_owner_leaves_comes_again_before_anything_newer()
    {
        // Takes five bytes at a time and stops; the test lets it go on.
        await OnLoopAsync(() => _connection.TakeAtOnce = 5);
        string expected = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"{i},"));
        var sending = Task.Run(async () =>
        {
            for (int i = 0; i < expected.Length; i += 13)
            {
                await _peer.SendAllAsync(expected.Substring(i, Math.Min(13, expected.Length - i)));
            }
        });

        while (_connection.Length < expected.Length)
        {
            await OnLoopAsync(_connection.Transport.ResumeReading);
        }

        await sending;
        Assert.Equal(expected, _connection.Text);
    }

    [Fact]
    public async Task Newer_input_in_the_same_batch_does_not_overtake_what_was_left()
    {
        await OnLoopAsync(() => _connection.TakeAtOnce = 3);
        await _peer.SendAllAsync("123456");
        await Eventually.HoldsAsync(() => _connection.Text == "123");

        // The loop is busy while the newer bytes arrive, so that it resumes and hears of them in one turn.
        await OnLoopAsync(() =>
        {
            _connection.TakeAtOnce = int.MaxValue;
            _peer.Send("789"u8);
            Thread.Sleep(20);
            _connection.Transport.ResumeReading();
            _connection.Transport.OnEvents(1);
        });

        await Eventually.HoldsAsync(() => _connection.Length == 9);
        Assert.Equal("123456789", _connection.Text);
    }

    [Fact]
    public async Task The_peers_end_comes_after_all_that_it_sent()
    {
        var bytes = TestBytes.Make(3 * 1024 * 1024);
        await _peer.SendAllAsync(bytes);
        _peer.Shutdown(SocketShutdown.Send);

        await _connection.Ended.Task.SoonAsync();

        Assert.Equal(bytes.Length, _connection.Length);
        Assert.False(_connection.Closed.Task.IsCompleted);
    }

    [Fact]
    public async Task After_the_peers_end_we_may_go_on_writing()
    {
        _peer.Shutdown(SocketShutdown.Send);
        await _connection.Ended.Task.SoonAsync();
        var bytes = TestBytes.Make(3 * 1024 * 1024);

        await OnLoopAsync(() => _connection.Transport.Write(bytes));

        Assert.Equal(TestBytes.Digest(bytes), TestBytes.Digest(await new WireReader(_peer).ReadBytesAsync(bytes.Length)));
    }

    [Fact]
    public async Task After_our_own_end_we_go_on_reading_at_length()
    {
        var bytes = TestBytes.Make(5 * 1024 * 1024);
        await OnLoopAsync(() =>
        {
            _connection.Transport.Write("last words"u8);
            _connection.Transport.ShutdownWhenWritten();
            _connection.Transport.Write("not these"u8);
        });

        Assert.Equal("last words"u8.ToArray(), await new WireReader(_peer).ReadBytesAsync(long.MaxValue));
        for (int i = 0; i < bytes.Length; i += 64 * 1024)
        {
            // Full buffers, and pauses in which nothing is there to read.
            await _peer.SendAllAsync(bytes.AsMemory(i, 64 * 1024));
            if (i % (512 * 1024) == 0)
            {
                await Task.Delay(10);
            }
        }

        await Eventually.HoldsAsync(() => _connection.Length == bytes.Length || _connection.Closed.Task.IsCompleted);
        Assert.False(_connection.Closed.Task.IsCompleted);
    }

    [Fact]
    public async Task A_connection_that_closes_when_written_sends_everything_first()
    {
        var bytes = TestBytes.Make(10 * 1024 * 1024);
        await OnLoopAsync(() =>
        {
            _connection.Transport.Write(bytes);
            _connection.Transport.CloseWhenWritten(drain: false);
            _connection.Transport.Write("not these"u8);
        });
        var reader = new WireReader(_peer);

        Assert.Equal(TestBytes.Digest(bytes), TestBytes.Digest(await reader.ReadBytesAsync(long.MaxValue)));
        Assert.False(reader.IsReset);
        await _connection.Closed.Task.SoonAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_drains_is_not_reset_by_what_the_peer_still_sends(bool shutsDown)
    {
        await OnLoopAsync(_connection.Transport.PauseReading);
        await _peer.SendAllAsync(TestBytes.Make(64 * 1024));
        if (shutsDown)
        {
            _peer.Shutdown(SocketShutdown.Send);
            await Task.Delay(20);
        }

        await OnLoopAsync(() =>
        {
            _connection.Transport.Write("answer"u8);
            _connection.Transport.CloseWhenWritten(drain: true);
        });
        for (int i = 0; i < 5 && !shutsDown; i++)
        {
            await Task.Delay(20);
            await _peer.SendAllAsync(TestBytes.Make(64 * 1024));
        }

        var reader = new WireReader(_peer);
        Assert.Equal("answer"u8.ToArray(), await reader.ReadBytesAsync(long.MaxValue));
        Assert.False(reader.IsReset);
        if (!shutsDown)
        {
            _peer.Shutdown(SocketShutdown.Send);
        }

        await _connection.Closed.Task.SoonAsync();
        Assert.Equal(0, _connection.Length);
    }

    [Fact]
    public async Task An_aborted_connection_is_reset()
    {
        await OnLoopAsync(_connection.Transport.Abort);
        var reader = new WireReader(_peer);

        Assert.True(await reader.IsAtEndAsync());
        Assert.True(reader.IsReset);
    }

    [Fact]
    public async Task A_peers_reset_closes()
    {
        _peer.LingerState = new LingerOption(true, 0);
        _peer.Close();

        await _connection.Closed.Task.SoonAsync();
    }

    [Fact]
    public async Task A_reset_is_noticed_while_reading_is_paused()
    {
        await OnLoopAsync(_connection.Transport.PauseReading);
        _peer.LingerState = new LingerOption(true, 0);
        _peer.Close();

        await _connection.PeerReset.Task.SoonAsync();
    }

    [Fact]
    public async Task A_close_from_within_a_callback_is_told_once_and_later()
    {
        await OnLoopAsync(() => _connection.ClosesOnInput = true);

        await _peer.SendAllAsync("x");

        await _connection.Closed.Task.SoonAsync();
        Assert.False(_connection.ClosedWithinCallback);
    }

    private Task OnLoopAsync(Action action) => _fixture.Loop.InvokeAsync(action).SoonAsync();

    private sealed class TestHandler(Transport transport) : TransportHandler
    {
        internal Transport Transport => transport;

        private readonly StringBuilder _text = new();
        private bool _receiving;
        internal int TimesWritten;

        internal int TakeAtOnce { get; set; } = int.MaxValue;

        internal bool ClosesOnInput { get; set; }

        internal bool ClosedWithinCallback { get; private set; }

        internal int TimesBlocked { get; private set; }

        internal int TimesClosed { get; private set; }

        internal TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource PeerReset { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        internal int Length
        {
            get
            {
                lock (_text)
                {
                    return _text.Length;
                }
            }
        }

        public override void OnTimer() => transport.Close();

        public override int OnReceived(ReadOnlySpan<byte> data)
        {
            _receiving = true;
            int taken = Math.Min(TakeAtOnce, data.Length);
            lock (_text)
            {
                _ = _text.Append(Encoding.Latin1.GetString(data[..taken]));
            }

            if (taken < data.Length)
            {
                transport.PauseReading();
            }

            if (ClosesOnInput)
            {
                transport.Close();
                transport.Close();
            }

            _receiving = false;
            return taken;
        }

        public override void OnCut() => transport.Close();

        public override void OnEndOfInput() => Ended.SetResult();

        public override void OnPeerReset() => PeerReset.SetResult();

        public override void OnWriteBlocked() => TimesBlocked++;

        public override void OnWritten() => Volatile.Write(ref TimesWritten, TimesWritten + 1);

        public override void OnClosed(int error)
        {
            ClosedWithinCallback = _receiving;
            TimesClosed++;
            _ = Closed.TrySetResult();
        }
    }
}
