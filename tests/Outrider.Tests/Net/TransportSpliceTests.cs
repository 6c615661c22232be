using System.Net;
using System.Net.Sockets;
using Outrider.Net.Listening;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Net;

/// <summary>Bytes that go from one connection of a loop to another through a pipe.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "IAsyncLifetime disposes.")]
public abstract class TransportSpliceTests : IAsyncLifetime
{
    private readonly LoopFixture _fixture = new();
    private readonly EndPoint _endPoint;
    private readonly Socket _sender, _receiver;
    private ListenerSockets? _sockets;
    private Listener? _listener;
    private End _from = null!, _to = null!;
    private TransportSplice _splice = null!;

    private protected TransportSpliceTests(EndPoint endPoint)
    {
        _endPoint = endPoint;
        _sender = Make();
        _receiver = Make();
    }

    public async Task InitializeAsync()
    {
        TaskCompletionSource<End>? accepted = null;
        _sockets = Listener.Bind(_endPoint, 1);
        await OnLoopAsync(() => _listener = Listener.Start(_fixture.Loop, _sockets[0], transport =>
        {
            var end = new End(transport);
            transport.Handler = end;
            accepted!.SetResult(end);
        }));
        async Task<End> ConnectAsync(Socket socket)
        {
            accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await socket.ConnectAsync(_sockets.EndPoint);
            return await accepted.Task.SoonAsync();
        }

        _from = await ConnectAsync(_sender);
        _to = await ConnectAsync(_receiver);
        await OnLoopAsync(() =>
        {
            _splice = new TransportSplice(_from.Transport, _to.Transport);
            _from.Readable = () => _from.Last = _splice.Move(out _from.Taken, out _);
            _to.Written = () =>
            {
                _from.Last = _splice.Move(out _, out _);
                if (_splice.Waiting == 0)
                {
                    _from.Transport.ResumeReading();
                }
            };
            _to.Blocked = _from.Transport.PauseReading;
            _from.Ended = _to.Transport.ShutdownWhenWritten;
        });
    }

    public async Task DisposeAsync()
    {
        _sender.Dispose();
        _receiver.Dispose();
        await OnLoopAsync(() =>
        {
            _listener!.Stop();
            _splice.Drop();
            _from.Transport.Close();
            _to.Transport.Close();
            Assert.Equal(_fixture.Loop.Pipes.Count, _fixture.Loop.Pipes.Free);
        });
        await _fixture.DisposeAsync();
        Assert.Equal(0, _fixture.Loop.Pipes.Count);
        _sockets!.Dispose();
        Assert.Empty(_fixture.Failures);
    }

    [Fact]
    public async Task What_the_one_receives_the_other_sends_to_the_end_and_no_handler_is_given_a_byte()
    {
        var bytes = TestBytes.Make(20 * 1024 * 1024);
        await OnLoopAsync(() => Assert.True(_splice.TryBegin()));
        var sending = Task.Run(async () =>
        {
            for (int i = 0; i < bytes.Length; i += 77_777)
            {
                await _sender.SendAllAsync(bytes.AsMemory(i, Math.Min(77_777, bytes.Length - i)));
            }

            _sender.Shutdown(SocketShutdown.Send);
        });
        Assert.Equal(TestBytes.Digest(bytes), TestBytes.Digest(await new WireReader(_receiver).ReadBytesAsync(long.MaxValue)));
        await sending.SoonAsync();
        Assert.Equal(0, _from.Received);
    }

    [Fact]
    public async Task What_waits_when_it_ends_is_written_before_what_comes_after_it()
    {
        var bytes = TestBytes.Make(64 * 1024 * 1024);
        await OnLoopAsync(() =>
        {
            Assert.True(_splice.TryBegin());
            _from.Forward = data => _to.Transport.Write(data);
        });
        var sending = Task.Run(() => _sender.SendAllAsync(bytes));
        await Eventually.HoldsAsync(() => _from.Last == SpliceStep.Blocked && _splice.Waiting > 0);
        await OnLoopAsync(() =>
        {
            int waiting = _splice.Waiting;
            Assert.Equal(waiting, _splice.PourAndEnd());
            Assert.Equal((waiting, false, 0), (_to.Transport.PendingOutput, _splice.IsOn, _splice.Waiting));
            _to.Written = _from.Transport.ResumeReading;
        });
        Assert.Equal(TestBytes.Digest(bytes), TestBytes.Digest(await new WireReader(_receiver).ReadBytesAsync(bytes.Length)));
        await sending.SoonAsync();
        Assert.InRange(_from.Received, 1, bytes.Length - 1);
    }

    [Fact]
    public async Task It_does_not_begin_while_something_waits_or_is_not_to_be_read() => await OnLoopAsync(() =>
    {
        _to.Transport.Write("x"u8);
        Assert.False(_splice.TryBegin());
        _to.Transport.SendNow();
        _from.Transport.PauseReading();
        Assert.False(_splice.TryBegin());
        _from.Transport.ResumeReading();
        Assert.True(_splice.TryBegin());
    });

    [Fact]
    public async Task Without_a_pipe_it_is_over_and_bytes_are_received()
    {
        _fixture.Loop.Pipes.Configure(0, 64 * 1024);
        await OnLoopAsync(() => Assert.True(_splice.TryBegin()));
        await _sender.SendAllAsync("abc");
        await Eventually.HoldsAsync(() => Volatile.Read(ref _from.Received) == 3);
        await OnLoopAsync(() => Assert.Equal((SpliceStep.Over, false), (_from.Last, _splice.IsOn)));
    }

    [Fact]
    public async Task When_the_receiver_resets_it_is_over_and_what_waited_is_lost()
    {
        var bytes = TestBytes.Make(64 * 1024 * 1024);
        await OnLoopAsync(() => Assert.True(_splice.TryBegin()));
        _ = _sender.SendAllAsync(bytes);
        await Eventually.HoldsAsync(() => _from.Last == SpliceStep.Blocked);
        _receiver.LingerState = new LingerOption(true, 0);
        _receiver.Close();
        await Eventually.HoldsAsync(() => _to.IsClosed);
        await OnLoopAsync(() =>
        {
            _from.Transport.ResumeReading();
            Assert.Equal(SpliceStep.Over, _splice.Move(out long taken, out long given));
            Assert.Equal((0, 0, false), (taken, given, _splice.IsOn));
        });
    }

    private Socket Make() => _endPoint is IPEndPoint
        ? new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
        : new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private Task OnLoopAsync(Action action) => _fixture.Loop.InvokeAsync(action).SoonAsync();

    private delegate void Taker(ReadOnlySpan<byte> data);

    private sealed class End(Transport transport) : TransportHandler
    {
        internal long Received;
        internal long Taken;
        internal volatile SpliceStep Last;
        internal volatile bool IsClosed;

        internal Transport Transport => transport;

        internal Action? Readable { get; set; }

        internal Action? Written { get; set; }

        internal Action? Blocked { get; set; }

        internal Action? Ended { get; set; }

        internal Taker? Forward { get; set; }

        public override int OnReceived(ReadOnlySpan<byte> data)
        {
            Volatile.Write(ref Received, Received + data.Length);
            Forward?.Invoke(data);
            return data.Length;
        }

        public override void OnReadable() => Readable!();

        public override void OnEndOfInput() => Ended?.Invoke();

        public override void OnWriteBlocked() => Blocked?.Invoke();

        public override void OnWritten() => Written?.Invoke();

        public override void OnCut() => transport.Close();

        public override void OnPeerReset() => transport.Close();

        public override void OnClosed(int error) => IsClosed = true;
    }
}
