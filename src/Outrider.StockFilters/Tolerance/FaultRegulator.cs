using System.Collections.Concurrent;
using Outrider.Filters;

namespace Outrider.StockFilters.Tolerance;

/// <summary>Counts what hosts answer, and compares the hosts of each cluster once in a window of time. Of one configuration.</summary>
internal sealed class FaultRegulator : IDisposable
{
    private readonly FaultToleranceConfig _config;
    private readonly ConcurrentDictionary<string, ClusterFaults> _clusters = new(StringComparer.Ordinal);
    private readonly Lock _comparing = new();
    private Timer? _timer;
    private bool _isDisposed;

    internal FaultRegulator(FaultToleranceConfig config) => _config = config;

    /// <summary>A host of the cluster has answered with that status. Any loop.</summary>
    internal void Add(string cluster, BalancedHost host, int status)
    {
        if (_timer is null)
        {
            Begin();
        }

        _clusters.GetOrAdd(cluster, static (name, config) => new ClusterFaults(name, config), _config).Add(host, _config.Exceptions.Contains(status));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_comparing)
        {
            _isDisposed = true;
            _timer?.Dispose();
            foreach (var cluster in _clusters.Values)
            {
                cluster.ReturnAll();
            }
        }
    }

    // The first call of all: a configuration that is only looked at starts nothing.
    private void Begin()
    {
        lock (_comparing)
        {
            if (!_isDisposed)
            {
                _timer ??= new Timer(static regulator => ((FaultRegulator)regulator!).Compare(), this, _config.TimeWindow, _config.TimeWindow);
            }
        }
    }

    private void Compare()
    {
        // A window that is over before the last has been looked at is left to the next.
        if (!_comparing.TryEnter())
        {
            return;
        }

        try
        {
            foreach (var cluster in _isDisposed ? [] : _clusters.Values)
            {
                cluster.Compare(Environment.TickCount64);
            }
        }
        finally
        {
            _comparing.Exit();
        }
    }
}
