using Outrider.Telemetry;

namespace Outrider.Proxy.Telemetry;

/// <summary>The counters of one listener, a slot for each loop. Any thread; a slot is written by its loop alone.</summary>
internal sealed class ListenerStats
{
    private readonly ListenerLoopStats[] _loops;

    /// <summary>Makes the counters.</summary>
    /// <param name="name">The listener's name.</param>
    /// <param name="loops">How many loops there are.</param>
    public ListenerStats(string name, int loops)
    {
        Name = name;
        _loops = new ListenerLoopStats[loops];
        for (int i = 0; i < loops; i++)
        {
            _loops[i] = new ListenerLoopStats();
        }
    }

    /// <summary>The listener's name.</summary>
    public string Name { get; }

    /// <summary>The slot of a loop, by <see cref="Outrider.Net.Loops.EventLoop.Index"/>.</summary>
    public ListenerLoopStats this[int loop] => _loops[loop];

    /// <summary>All loops together, in an object of the caller's.</summary>
    public ListenerLoopStats Sum()
    {
        var sum = new ListenerLoopStats();
        foreach (ListenerLoopStats loop in _loops)
        {
            sum.Add(loop);
        }

        return sum;
    }
}
