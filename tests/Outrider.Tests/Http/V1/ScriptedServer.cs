using System.Net;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V1.Server;
using Outrider.Net.Listening;
using Outrider.Net.Loops;
using Outrider.Net.Transports;
using Outrider.Tests.Harness;
using Outrider.Tests.Net;

namespace Outrider.Tests.Http.V1;

/// <summary>A server of HTTP/1 whose streams do what a request's target says (<see cref="ScriptedStream"/>). One loop.</summary>
internal sealed class ScriptedServer : IServerHandler, IAsyncDisposable
{
    private readonly LoopFixture _fixture = new();
    private readonly ListenerSockets _sockets = Listener.Bind(new IPEndPoint(IPAddress.Loopback, 0), 1);
    private readonly Stack<ScriptedStream> _free = new();
    private Listener? _listener;
    private Transport? _last;
    private int _opened, _closed, _ended;

    private ScriptedServer(HttpLimits limits) => Limits = limits;

    public HttpLimits Limits { get; }

    public int ReadSize => EventLoop.ReceiveBufferSize;

    public bool IsDraining { get; set; }

    internal int Port => ((IPEndPoint)_sockets.EndPoint).Port;

    /// <summary>Connections that are open.</summary>
    internal int OpenCount => Volatile.Read(ref _opened) - Volatile.Read(ref _closed);

    /// <summary>Streams that have ended.</summary>
    internal int EndedCount => Volatile.Read(ref _ended);

    internal static async Task<ScriptedServer> StartAsync(HttpLimits? limits = null)
    {
        var server = new ScriptedServer(limits ?? new());
        await server._fixture.Loop.InvokeAsync(() => server._listener = Listener.Start(
            server._fixture.Loop, server._sockets[0], transport => _ = new Http1ServerConnection(transport, server)));
        return server;
    }

    /// <summary>Does the connection that was accepted last wait for its client to take something?</summary>
    internal async Task<bool> IsBlockedAsync()
    {
        bool isBlocked = false;
        await _fixture.Loop.InvokeAsync(() => isBlocked = _last is { IsWriteBlocked: true });
        return isBlocked;
    }

    public async ValueTask DisposeAsync()
    {
        await _fixture.Loop.InvokeAsync(() =>
        {
            _listener!.Stop();
            _last?.Close();
        });
        await _fixture.DisposeAsync();
        _sockets.Dispose();
        Assert.Empty(_fixture.Failures);
    }

    public void OnConnectionOpened(Transport transport)
    {
        _last = transport;
        _ = Interlocked.Increment(ref _opened);
    }

    public void OnConnectionClosed(Transport transport) => Interlocked.Increment(ref _closed);

    public ServerStream RentStream() => _free.TryPop(out var stream) ? stream : new ScriptedStream(this);

    public void ReturnUnused(ServerStream stream) => _free.Push((ScriptedStream)stream);

    public void OnIdleTimeout(Transport transport)
    {
    }

    public void OnProtocolError(Transport transport, ServerStream stream, ProtocolError error)
    {
    }

    internal void OnEnded(ScriptedStream stream)
    {
        _free.Push(stream);
        _ = Interlocked.Increment(ref _ended);
    }
}
