using System.Net;
using Outrider.Net;

namespace Outrider.Proxy.Server;

/// <summary>One listening address: its sockets, and its side on each loop. Used by the thread that starts, reloads and stops.</summary>
internal sealed class ProxyListener : IDisposable
{
    private readonly ProxyRuntime _runtime;
    private readonly ListenerSockets _sockets;
    private ListenerLoop[] _loops = [];

    /// <summary>Takes the address.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">It cannot be had.</exception>
    internal ProxyListener(ProxyRuntime runtime, ListenerSnapshot snapshot)
    {
        _runtime = runtime;
        Snapshot = snapshot;
        _sockets = Listener.Bind(snapshot.Configuration.EndPoint, runtime.Loops.Length);
    }

    internal ListenerSnapshot Snapshot { get; private set; }

    /// <summary>Where it listens, with the port that the system chose when 0 was asked for.</summary>
    internal EndPoint EndPoint => _sockets.EndPoint;

    /// <summary>Connections that are open now, on all loops. Approximate while they run.</summary>
    internal int ConnectionCount => _loops.Sum(loop => loop.ConnectionCount);

    /// <summary>Starts to accept on every loop.</summary>
    internal Task StartAsync()
    {
        _loops = [.. _runtime.Loops.Select(loop => new ListenerLoop(_runtime, loop, Snapshot))];
        return _runtime.OnLoopsAsync(loop => _loops[loop.Index].Start(_sockets[loop.Index]));
    }

    /// <summary>New streams begin with this configuration.</summary>
    internal Task ApplyAsync(ListenerSnapshot snapshot)
    {
        Snapshot = snapshot;
        return _runtime.OnLoopsAsync(loop => _loops[loop.Index].Apply(snapshot));
    }

    /// <summary>Stops accepting; connections end with the response at hand, idle ones now.</summary>
    internal async Task DrainAsync()
    {
        await _runtime.OnLoopsAsync(loop => _loops[loop.Index].Drain()).ConfigureAwait(false);
        _sockets.Dispose();
    }

    /// <summary>Closes what is still open.</summary>
    internal Task CloseAllAsync() => _runtime.OnLoopsAsync(loop => _loops[loop.Index].CloseAll());

    public void Dispose() => _sockets.Dispose();
}
