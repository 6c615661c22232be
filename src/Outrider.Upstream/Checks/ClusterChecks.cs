using Outrider.Filters;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Checks;

/// <summary>The health checks of all hosts of one cluster, once for the process. Hosts come and go, and those that stay go on being checked as they are.</summary>
/// <param name="plan">How they are checked.</param>
/// <param name="cluster">The cluster's name.</param>
/// <param name="changed">Is told of a host whose health has changed, and in a few words how.</param>
/// <param name="passed">Is told of each check that is passed.</param>
/// <param name="log">Takes a line for each check; null for none.</param>
/// <param name="warn">Is told what goes wrong.</param>
internal sealed class ClusterChecks(HealthCheckPlan plan, string cluster, Action<UpstreamHost, string> changed, Action<UpstreamHost> passed, Action<string>? log, Action<string> warn) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UpstreamHost, HostCheck> _checks = [];
    private bool _isDisposed;

    /// <summary>These are the hosts now. Any thread.</summary>
    public void Use(HostSet hosts)
    {
        lock (_gate)
        {
            HashSet<UpstreamHost> wanted = _isDisposed ? [] : [.. hosts.Hosts];
            foreach (var (host, check) in _checks.Where(check => !wanted.Contains(check.Key)).ToArray())
            {
                check.Dispose();
                _checks.Remove(host);
            }

            foreach (var host in wanted.Where(host => !_checks.ContainsKey(host)))
            {
                _checks.Add(host, new HostCheck(plan, cluster, host, OnChecked));
            }
        }
    }

    /// <summary>Checks no more. What was found stays with the hosts.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var check in _checks.Values)
            {
                check.Dispose();
            }

            _checks.Clear();
        }

        plan.Dispose();
    }

    private void OnChecked(UpstreamHost host, HealthCheckEvent check, string text)
    {
        if (check.IsChanged)
        {
            changed(host, text);
        }

        if (check.Result.IsHealthy)
        {
            passed(host);
        }

        // MOSN's line, so that what reads theirs reads ours.
        log?.Invoke($"time:{DateTimeOffset.UtcNow.ToUnixTimeSeconds()},host:{host.Address},health_status:{(host.IsHealthy ? 1 : 0)},current_result:{(check.Result.IsHealthy ? 1 : 0)},status_changed:{(check.IsChanged ? 1 : 0)}\n");
        foreach (var callback in plan.Callbacks)
        {
            try
            {
                callback.OnChecked(check);
            }
            catch (Exception e)
            {
                warn($"cluster {cluster}: a health check call-back ({callback.GetType().Name}) failed: {e}");
            }
        }
    }
}
