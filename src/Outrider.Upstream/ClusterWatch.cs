using Outrider.Upstream.Checks;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream;

/// <summary>
/// Watches the health of one cluster's hosts, for the process and not for each loop: checks them, and lets ejected ones come back. Off the loops.
/// </summary>
internal sealed class ClusterWatch : IDisposable
{
    private readonly Cluster _cluster;
    private readonly Action<string> _warn;
    private readonly Timer? _sweeps;
    private readonly Timer? _slowStarts;
    private readonly ClusterChecks? _checks;

    /// <summary>Begins.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="warn">Is told what goes wrong.</param>
    /// <param name="openLog">Opens the log of that path, for health checks' events; null for none.</param>
    public ClusterWatch(Cluster cluster, Action<string> warn, Func<string, Action<string>>? openLog)
    {
        _cluster = cluster;
        _warn = warn;
        if (cluster.Outliers is { } outliers)
        {
            outliers.Begin();
            _sweeps = new Timer(static watch => ((ClusterWatch)watch!).Sweep(), this, outliers.Interval, outliers.Interval);
        }
        else
        {
            Recover(HostFailures.Ejected, "hosts are no longer ejected (outlier_detection is gone)");
        }

        if (cluster.Configuration.SlowStart is { } slowStart)
        {
            // Twenty steps; a share that is a second old does no harm.
            var step = TimeSpan.FromMilliseconds(Math.Max(100, slowStart.Duration.TotalMilliseconds / 20));
            _slowStarts = new Timer(static watch => ((ClusterWatch)watch!).Weigh(), this, step, step);
        }

        if (cluster.Checks is { } plan)
        {
            _checks = new ClusterChecks(plan, cluster.Name, cluster.OnHealthChanged, host => cluster.Outliers?.OnCheckPassed(host), Log(plan, openLog), warn);
            cluster.HostsChanged = () => _checks.Use(cluster.Hosts);
            _checks.Use(cluster.Hosts);
        }
        else
        {
            Recover(HostFailures.FailedChecks, "hosts are no longer checked (health_check is gone)");
        }
    }

    /// <summary>Ends. What is known of the hosts stays with them.</summary>
    public void Dispose()
    {
        _sweeps?.Dispose();
        _slowStarts?.Dispose();
        _checks?.Dispose();
    }

    private Action<string>? Log(HealthCheckPlan plan, Func<string, Action<string>>? openLog)
    {
        try
        {
            return plan.Configuration.EventLogPath is { } path ? openLog?.Invoke(path) : null;
        }
        catch (IOException e)
        {
            _warn($"cluster {_cluster.Name}: event_log_path: {e.Message}");
            return null;
        }
    }

    private void Sweep()
    {
        try
        {
            _cluster.Outliers!.Sweep(Environment.TickCount64);
        }
        catch (Exception e)
        {
            _warn($"cluster {_cluster.Name}: looking for outliers failed: {e}");
        }
    }

    // As long as a host is in its slow start, and once more for its end.
    private void Weigh()
    {
        long steps = (long)(_cluster.Configuration.SlowStart!.Duration.TotalMilliseconds * 1.2) + 300, now = Environment.TickCount64;
        foreach (var host in _cluster.Hosts.Hosts)
        {
            if (host.Health.HealthySince is > 0 and var since && now - since < steps)
            {
                _cluster.Refresh();
                return;
            }
        }
    }

    // What nobody looks at any more, nobody would ever take back.
    private void Recover(HostFailures failure, string reason)
    {
        foreach (var host in _cluster.Hosts.Hosts)
        {
            if (host.Health.Recover(failure, reason))
            {
                _cluster.OnHealthChanged(host, "is healthy: " + reason);
            }
        }
    }
}
