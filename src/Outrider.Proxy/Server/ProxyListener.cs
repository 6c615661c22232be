using System.Net;
using Outrider.Filters;
using Outrider.Net.Listening;
using Outrider.Net.Loops;
using Outrider.Proxy.Snapshots;

namespace Outrider.Proxy.Server;

/// <summary>One listening address: its sockets, and its side on each loop. Used by the thread that starts, reloads and stops.</summary>
internal sealed class ProxyListener : IDisposable
{
    private readonly ProxyRuntime _runtime;
    private readonly ListenerSockets _sockets;
    private readonly ConnectionLimit _limit;
    private volatile ListenerLoop[] _loops = [];

    // What stuck loops have yet to do before their sockets may be closed.
    private IReadOnlyList<Task> _late = [];

    /// <summary>Takes the address.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">It cannot be had.</exception>
    internal ProxyListener(ProxyRuntime runtime, ListenerSnapshot snapshot)
    {
        _runtime = runtime;
        Snapshot = snapshot;
        _sockets = Listener.Bind(snapshot.Configuration.EndPoint, runtime.WorkingLoops, transparent: snapshot.Chains is { IsTransparent: true });
        _limit = new ConnectionLimit(MaxConnections(snapshot));
    }

    internal ListenerSnapshot Snapshot { get; private set; }

    /// <summary>Where it listens, with the port that the system chose when 0 was asked for.</summary>
    internal EndPoint EndPoint => _sockets.EndPoint;

    /// <summary>Connections that are open now, on all loops. Approximate while they run.</summary>
    internal int ConnectionCount => _loops.Sum(loop => loop.ConnectionCount);

    /// <summary>Makes the listener's side of each loop; <see cref="Start"/> follows on each.</summary>
    internal void Prepare() => _loops = [.. _runtime.Loops.Select(loop => new ListenerLoop(_runtime, loop, Snapshot, _limit))];

    /// <summary>Starts to accept on a loop. On the loop.</summary>
    internal void Start(EventLoop loop) => _loops[loop.Index].Start(loop.Index < _sockets.Count ? _sockets[loop.Index] : -1);

    /// <summary>Is about to take another configuration; <see cref="Apply"/> or <see cref="ApplyRoutes"/> follows on each loop.</summary>
    internal void Prepare(ListenerSnapshot snapshot)
    {
        Snapshot = snapshot;
        _limit.Max = MaxConnections(snapshot);
        // A loop that is stuck takes it later, and perhaps when nobody else has it any more.
        Array.ForEach(_loops, _ => snapshot.Retain());
    }

    /// <summary>New streams of a loop begin with this configuration. On the loop, once after <see cref="Prepare(ListenerSnapshot)"/>.</summary>
    internal void Apply(EventLoop loop, ListenerSnapshot snapshot)
    {
        _loops[loop.Index].Apply(snapshot);
        snapshot.Release();
    }

    /// <summary>As <see cref="Apply"/>, where only tables of routes are others.</summary>
    internal void ApplyRoutes(EventLoop loop, ListenerSnapshot snapshot)
    {
        _loops[loop.Index].ApplyRoutes(snapshot);
        snapshot.Release();
    }

    /// <summary>Ends streams of a loop that began with a configuration of before. On the loop.</summary>
    internal int EndOldStreams(EventLoop loop, Predicate<IStreamFilterFactory> isMeant, string reason) => _loops.Length > 0 ? _loops[loop.Index].AllStreams.Sum(streams => streams.EndOldStreams(isMeant, reason)) : 0;

    /// <summary>Connections of a loop end with the response at hand, and new ones are still taken. On the loop.</summary>
    internal void BecomeLame(EventLoop loop) => _loops[loop.Index].BecomeLame();

    /// <summary>A loop accepts no more; its connections end with the response at hand, idle ones now. On the loop; <see cref="OnDrained"/> follows.</summary>
    internal void Drain(EventLoop loop) => _loops[loop.Index].Drain();

    /// <summary>All loops but those that are stuck accept no more.</summary>
    /// <param name="late">What the stuck ones have yet to do.</param>
    internal void OnDrained(IReadOnlyList<Task> late)
    {
        _late = late;
        if (_late.Count > 0)
        {
            // A loop that is stuck holds its socket still: no new clients, and no descriptor that becomes somebody else's.
            _sockets.Shutdown();
            _ = Task.WhenAll(_late).ContinueWith(_ => Dispose(), TaskScheduler.Default);
        }

        Dispose();
    }

    /// <summary>Lets loops accept in the place of one that is stuck. Any thread; may be repeated.</summary>
    internal void TakeOver(EventLoop stuck, IReadOnlyList<EventLoop> helpers)
    {
        var loops = _loops;
        if (loops.Length == 0 || stuck.Index >= _sockets.Count)
        {
            return;
        }

        int descriptor = _sockets[stuck.Index];
        foreach (var helper in helpers)
        {
            // All loops accept from one Unix socket anyway.
            if (helper.Index >= _sockets.Count || _sockets[helper.Index] != descriptor)
            {
                helper.Post(_ => loops[helper.Index].TakeOver(stuck.Index, descriptor), null);
            }
        }
    }

    /// <summary>The loop goes on by itself. Any thread.</summary>
    internal void GiveBack(EventLoop recovered)
    {
        var loops = _loops;
        foreach (var loop in _runtime.Loops)
        {
            if (loops.Length > 0 && loop != recovered)
            {
                loop.Post(_ => loops[loop.Index].GiveBack(recovered.Index), null);
            }
        }
    }

    /// <summary>Closes what is still open.</summary>
    internal Task CloseAllAsync() => _runtime.OnLoopsAsync(loop => _loops[loop.Index].CloseAll());

    public void Dispose()
    {
        if (_late.All(task => task.IsCompleted))
        {
            _sockets.Dispose();
        }
    }

    private static int MaxConnections(ListenerSnapshot snapshot)
        => snapshot.Configuration.MaxConnections is > 0 and var most ? most : int.MaxValue;
}
