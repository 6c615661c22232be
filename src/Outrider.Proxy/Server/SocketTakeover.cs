using Outrider.Net.Listening;

namespace Outrider.Proxy.Server;

/// <summary>
/// The listening sockets of stuck loops that one loop accepts from in their place, for one listener. The sockets stay registered
/// with their owners too, who go on by themselves when they can. On the loop.
/// </summary>
/// <param name="start">Starts to accept from a descriptor.</param>
internal sealed class SocketTakeover(Func<int, Listener> start)
{
    private readonly List<(int Owner, int Descriptor, Listener Listener)> _taken = [];

    /// <summary>Accepts in place of a loop from now on. Once more, or from a socket that is taken already, does nothing.</summary>
    internal void Take(int owner, int descriptor)
    {
        if (!_taken.Exists(taken => taken.Descriptor == descriptor))
        {
            _taken.Add((owner, descriptor, start(descriptor)));
        }
    }

    /// <summary>The loop goes on by itself: what waits in its socket is its own.</summary>
    internal void GiveBack(int owner)
    {
        foreach (var (_, _, listener) in _taken.Where(taken => taken.Owner == owner))
        {
            listener.Leave();
        }

        _ = _taken.RemoveAll(taken => taken.Owner == owner);
    }

    /// <summary>The listener goes: takes what waits, then stops.</summary>
    internal void Stop()
    {
        _taken.ForEach(static taken => taken.Listener.Stop());
        _taken.Clear();
    }

    /// <summary>A connection of the listener has closed on this loop: whoever waits may have its place.</summary>
    internal void OnConnectionClosed()
    {
        foreach (var (_, _, listener) in _taken)
        {
            listener.OnConnectionClosed();
        }
    }
}
