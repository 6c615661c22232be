using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Net.Listening;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Net;

/// <summary>A connection that was accepted on a loop, with a handler that notes what it is told, and its peer.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "IAsyncLifetime disposes.")]
public abstract class TransportLab : IAsyncLifetime
{
    private readonly LoopFixture _fixture = new();
    private readonly TaskCompletionSource<TestHandler> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ListenerSockets? _sockets;
    private Listener? _listener;

    private protected Socket Peer { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private protected TestHandler Connection { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _sockets = Listener.Bind(new IPEndPoint(IPAddress.Loopback, 0), 1);
        await OnLoopAsync(() => _listener = Listener.Start(_fixture.Loop, _sockets[0], transport =>
        {
            var connection = new TestHandler(transport);
            transport.Handler = connection;
            _ = _accepted.TrySetResult(connection);
        }));
        await Peer.ConnectAsync(_sockets.EndPoint);
        Connection = await _accepted.Task.SoonAsync();
    }

    public async Task DisposeAsync()
    {
        Peer.Dispose();
        await OnLoopAsync(() =>
        {
            _listener!.Stop();
            Connection.Transport.Close();
        });
        await Connection.Closed.Task.SoonAsync();
        await _fixture.DisposeAsync();
        _sockets!.Dispose();
        Assert.Empty(_fixture.Failures);
        Assert.Equal(1, Connection.TimesClosed);
    }

    private protected Task OnLoopAsync(Action action) => _fixture.Loop.InvokeAsync(action).SoonAsync();

    private protected sealed class TestHandler(Transport transport) : TransportHandler
    {
        internal Transport Transport => transport;

        private readonly StringBuilder _text = new();
        private bool _receiving;
        internal int TimesWritten;

        internal int TakeAtOnce { get; set; } = int.MaxValue;

        internal string Peeked { get; private set; } = "";

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

        public override void OnPeeked(ReadOnlySpan<byte> data, bool isAll) => Peeked = Encoding.Latin1.GetString(data);

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
