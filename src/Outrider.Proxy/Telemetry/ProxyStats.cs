using System.Collections.Concurrent;
using Outrider.Telemetry;

namespace Outrider.Proxy.Telemetry;

/// <summary>
/// Every counter of the process. Listeners and clusters keep theirs by name when a configuration is replaced. Any thread; a loop
/// fetches its slots when it sets things up and only adds afterwards.
/// </summary>
internal sealed class ProxyStats
{
    private readonly LoopStats[] _loops;
    private readonly ConcurrentDictionary<string, ListenerStats> _listeners = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Listener, string Filter), FilterCostStats> _filterCosts = new();
    private readonly ConcurrentDictionary<string, ClusterStats> _clusters = new(StringComparer.Ordinal);

    /// <summary>Makes the counters.</summary>
    /// <param name="loops">How many loops there are.</param>
    public ProxyStats(int loops)
    {
        _loops = new LoopStats[loops];
        for (int i = 0; i < loops; i++)
        {
            _loops[i] = new LoopStats(PendingConnects);
        }
    }

    /// <summary>Whether the process has used up its memory.</summary>
    public MemoryUse Memory { get; } = new();

    /// <summary>Requests that loops had no time for.</summary>
    public Overload Overload { get; } = new();

    /// <summary>Connections to hosts that are being made.</summary>
    public PendingConnects PendingConnects { get; } = new();

    /// <summary>How many loops there are.</summary>
    public int LoopCount => _loops.Length;

    /// <summary>Requests that are under way, on all loops.</summary>
    public long StreamsActive
    {
        get
        {
            long sum = 0;
            foreach (LoopStats loop in _loops)
            {
                sum += Volatile.Read(ref loop.StreamsActive);
            }

            return sum;
        }
    }

    /// <summary>Every listener's counters, by name.</summary>
    public IReadOnlyList<ListenerStats> Listeners => [.. _listeners.Values.OrderBy(static stats => stats.Name, StringComparer.Ordinal)];

    /// <summary>Every cluster's counters, by name.</summary>
    public IReadOnlyList<ClusterStats> Clusters => [.. _clusters.Values.OrderBy(static stats => stats.Name, StringComparer.Ordinal)];

    /// <summary>What filters cost, where it is measured, by listener and name.</summary>
    public IReadOnlyList<FilterCostStats> AllFilterCosts
        => [.. _filterCosts.Values.OrderBy(static stats => stats.Listener, StringComparer.Ordinal).ThenBy(static stats => stats.Filter, StringComparer.Ordinal)];

    /// <summary>The counters of a loop, by <see cref="Outrider.Net.Loops.EventLoop.Index"/>.</summary>
    public LoopStats this[int loop] => _loops[loop];

    /// <summary>The counters of a listener, made when there are none.</summary>
    public ListenerStats Listener(string name)
        => _listeners.GetOrAdd(name, static (key, loops) => new ListenerStats(key, loops), LoopCount);

    /// <summary>The counters of a cluster, made when there are none.</summary>
    public ClusterStats Cluster(string name)
        => _clusters.GetOrAdd(name, static (key, loops) => new ClusterStats(key, loops), LoopCount);

    /// <summary>What a listener's filters of a name cost, made when there is nothing.</summary>
    public FilterCostStats FilterCosts(string listener, string filter)
        => _filterCosts.GetOrAdd((listener, filter), static (key, loops) => new FilterCostStats(key.Listener, key.Filter, loops), LoopCount);

    /// <summary>All loops together, in an object of the caller's.</summary>
    public LoopStats Sum()
    {
        var sum = new LoopStats(PendingConnects);
        foreach (LoopStats loop in _loops)
        {
            sum.Add(loop);
        }

        return sum;
    }
}
