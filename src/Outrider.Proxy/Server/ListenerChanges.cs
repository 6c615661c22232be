using Outrider.Net.Loops;
using Outrider.Proxy.Snapshots;

namespace Outrider.Proxy.Server;

/// <summary>What one change of configuration does to listeners. Filled by whoever changes it; then each loop makes the changes, in one go.</summary>
internal sealed class ListenerChanges
{
    /// <summary>Those whose addresses have been taken, and that are to accept.</summary>
    internal List<ProxyListener> Opened { get; } = [];

    /// <summary>Those that get another configuration.</summary>
    internal List<(ProxyListener Listener, ListenerSnapshot Snapshot)> Changed { get; } = [];

    /// <summary>Those that get other tables of routes, and stay what they are otherwise.</summary>
    internal List<(ProxyListener Listener, ListenerSnapshot Snapshot)> Routed { get; } = [];

    /// <summary>Those that are to go.</summary>
    internal List<ProxyListener> Gone { get; } = [];

    /// <summary>Makes ready what loops need. Nothing can fail from here on.</summary>
    internal void Begin()
    {
        Opened.ForEach(static listener => listener.Prepare());
        foreach (var (listener, snapshot) in Changed.Concat(Routed))
        {
            listener.Prepare(snapshot);
        }
    }

    /// <summary>Gives listeners their new tables of routes. On the loop.</summary>
    internal void ApplyRoutes(EventLoop loop)
    {
        foreach (var (listener, snapshot) in Routed)
        {
            listener.ApplyRoutes(loop, snapshot);
        }
    }

    /// <summary>Gives listeners their new configurations, and lets those begin that are new. On the loop.</summary>
    internal void ApplyListeners(EventLoop loop)
    {
        foreach (var (listener, snapshot) in Changed)
        {
            listener.Apply(loop, snapshot);
        }

        foreach (var listener in Opened)
        {
            listener.Start(loop);
        }
    }

    /// <summary>Lets those go that are to go. On the loop.</summary>
    internal void Remove(EventLoop loop)
    {
        foreach (var listener in Gone)
        {
            listener.Drain(loop);
        }
    }
}
