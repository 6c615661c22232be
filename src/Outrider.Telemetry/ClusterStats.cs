namespace Outrider.Telemetry;

/// <summary>The counters of one cluster, a slot for each loop. Any thread; a slot is written by its loop alone.</summary>
internal sealed class ClusterStats
{
    private readonly ClusterLoopStats[] _loops;

    /// <summary>Makes the counters.</summary>
    /// <param name="name">The cluster's name.</param>
    /// <param name="loops">How many loops there are.</param>
    public ClusterStats(string name, int loops)
    {
        Name = name;
        _loops = new ClusterLoopStats[loops];
        for (int i = 0; i < loops; i++)
        {
            _loops[i] = new ClusterLoopStats();
        }
    }

    /// <summary>The cluster's name.</summary>
    public string Name { get; }

    /// <summary>The slot of a loop, by its number.</summary>
    public ClusterLoopStats this[int loop] => _loops[loop];

    /// <summary>Requests of all loops that wait for their response. Allocates nothing.</summary>
    public long RequestsActive()
    {
        long sum = 0;
        foreach (var loop in _loops)
        {
            sum += Volatile.Read(ref loop.RequestsActive);
        }

        return sum;
    }

    /// <summary>All loops together, in an object of the caller's.</summary>
    public ClusterLoopStats Sum()
    {
        var sum = new ClusterLoopStats();
        foreach (ClusterLoopStats loop in _loops)
        {
            sum.Add(loop);
        }

        return sum;
    }
}
