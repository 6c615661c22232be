using System.Net;
using System.Net.Sockets;
using Outrider.Net.Listening;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Net;

[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "IAsyncLifetime disposes.")]
public sealed class ListenerTests : IAsyncLifetime
{
    private readonly LoopFixture _fixture = new();
    private readonly ListenerSockets _sockets = Listener.Bind(new IPEndPoint(IPAddress.Loopback, 0), 1);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _sockets.Dispose();
    }

    [Fact]
    public async Task A_connection_that_nobody_can_be_made_for_closes_and_the_next_is_served()
    {
        var gate = new CountingGate();
        int made = 0;
        await StartAsync(transport => ++made % 2 == 1 ? throw new InvalidOperationException("no handler") : new Quiet(transport), gate);

        for (int i = 0; i < 10; i++)
        {
            using var refused = await ConnectAsync();
            Assert.Equal(0, await refused.ReceiveAsync(new byte[1]).SoonAsync());
            using var served = await ConnectAsync();
            await Eventually.HoldsAsync(() => gate.Count == 1);
            await served.SendAsync("x"u8.ToArray());
            served.Dispose();
            await Eventually.HoldsAsync(() => gate.Count == 0);
        }

        await _fixture.Loop.InvokeAsync(() => Assert.Equal(10, _fixture.Failures.Count)).SoonAsync();
    }

    [Fact]
    public async Task A_gate_that_is_shut_leaves_connections_to_the_kernel_until_it_opens()
    {
        var gate = new CountingGate { IsOpen = false };
        await StartAsync(transport => new Quiet(transport), gate);

        using var client = await ConnectAsync();
        await Eventually.HoldsAsync(() => gate.Waits >= 3);
        Assert.Equal(0, gate.Count);

        gate.IsOpen = true;
        await Eventually.HoldsAsync(() => gate.Count == 1);
    }

    [Fact]
    public async Task Stopping_takes_what_is_queued_and_no_more_than_the_gate_lets_in()
    {
        var gate = new CountingGate { IsOpen = false };
        var listener = await StartAsync(transport => new Quiet(transport), gate);
        var clients = new List<Socket>();
        for (int i = 0; i < 20; i++)
        {
            clients.Add(await ConnectAsync());
        }

        await Eventually.HoldsAsync(() => gate.Waits >= 1);
        gate.Most = 15;
        gate.IsOpen = true;
        await _fixture.Loop.InvokeAsync(listener.Stop).SoonAsync();

        Assert.Equal(15, gate.Count);
        clients.ForEach(client => client.Dispose());
        await Eventually.HoldsAsync(() => gate.Count == 0);
    }

    private async Task<Listener> StartAsync(Func<Transport, Quiet> factory, CountingGate gate)
    {
        Listener listener = null!;
        await _fixture.Loop.InvokeAsync(() => listener = Listener.Start(
            _fixture.Loop, _sockets[0], transport =>
            {
                var handler = factory(transport);
                handler.Closed = gate.Leave;
                transport.Handler = handler;
            },
            gate: gate)).SoonAsync();
        return listener;
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_sockets.EndPoint);
        return socket;
    }

    private sealed class CountingGate : IAcceptGate
    {
        private int _count;
        private int _waits;

        internal volatile bool IsOpen = true;

        internal int Most { get; set; } = int.MaxValue;

        internal int Count => Volatile.Read(ref _count);

        internal int Waits => Volatile.Read(ref _waits);

        public bool TryEnter()
        {
            if (!IsOpen || Count >= Most)
            {
                return false;
            }

            Interlocked.Increment(ref _count);
            return true;
        }

        public void Leave() => Interlocked.Decrement(ref _count);

        public void OnWaiting(bool descriptors) => Interlocked.Increment(ref _waits);
    }

    private sealed class Quiet(Transport transport) : TransportHandler
    {
        internal Action? Closed { get; set; }

        public override int OnReceived(ReadOnlySpan<byte> data) => data.Length;

        public override void OnEndOfInput() => transport.Close();

        public override void OnCut() => transport.Close();

        public override void OnClosed(int error) => Closed?.Invoke();
    }
}
