using System.Net;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V1.Server;
using Outrider.Net.Listening;
using Outrider.Net.Loops;
using Outrider.Net.Transports;

namespace Outrider.Echo;

/// <summary>
/// A tiny upstream on one loop: answers every request with 200 and a text that shows the request as it arrived.
/// <c>/status/503</c> answers with that status, <c>/delay/250</c> after so many milliseconds.
/// </summary>
internal sealed class EchoServer : IServerHandler, IAsyncDisposable
{
    private readonly EventLoop _loop = new(0);
    private readonly ListenerSockets _sockets;
    private Listener? _listener;

    private EchoServer(IPEndPoint endPoint, string name, string? text)
    {
        Name = name;
        FirstLine = text ?? "hello from " + name;
        _sockets = Listener.Bind(endPoint, 1);
    }

    public HttpLimits Limits { get; } = new();

    public int ReadSize => EventLoop.ReceiveBufferSize;

    public bool IsDraining => false;

    internal string Name { get; }

    /// <summary>The first line of its answers.</summary>
    internal string FirstLine { get; }

    internal EventLoop Loop => _loop;

    /// <summary>Where it listens.</summary>
    internal EndPoint EndPoint => _sockets.EndPoint;

    /// <exception cref="IOException">The address cannot be had.</exception>
    internal static async Task<EchoServer> StartAsync(IPEndPoint endPoint, string name, string? text = null)
    {
        EchoServer server;
        try
        {
            server = new EchoServer(endPoint, name, text);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new IOException($"cannot listen on {endPoint}: {e.Message}", e);
        }

        server._loop.Start();
        await server._loop.InvokeAsync(() => server._listener = Listener.Start(
            server._loop, server._sockets[0], transport => _ = new Http1ServerConnection(transport, server))).ConfigureAwait(false);
        return server;
    }

    public void OnConnectionOpened(Transport transport)
    {
    }

    public void OnConnectionClosed(Transport transport)
    {
    }

    public ServerStream RentStream() => new EchoStream(this);

    public void ReturnUnused(ServerStream stream)
    {
    }

    public void OnIdleTimeout(Transport transport)
    {
    }

    public void OnProtocolError(Transport transport, ServerStream stream, ProtocolError error)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await _loop.InvokeAsync(() => _listener?.Stop()).ConfigureAwait(false);
        _loop.Stop();
        await _loop.Stopped.ConfigureAwait(false);
        _sockets.Dispose();
        _loop.Dispose();
    }
}
