using System.Net.Sockets;
using Outrider.Filters;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Checks;

/// <summary>The health checks of one host, one after the other, from when it comes until it goes. Off the loops.</summary>
internal sealed class HostCheck : IDisposable
{
    private const string Passing = "its health checks pass";

    private readonly CancellationTokenSource _stop = new();
    private readonly HealthCheckPlan _plan;
    private readonly UpstreamHost _host;
    private readonly CheckedHost _checked;
    private readonly Action<UpstreamHost, HealthCheckEvent, string> _done;
    private readonly Lock _ending = new();
    private int _passed, _failed;

    /// <summary>Begins.</summary>
    /// <param name="plan">How it is checked.</param>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="host">The host.</param>
    /// <param name="done">Is told of each check, and, of one that changes the host's health, in a few words how.</param>
    public HostCheck(HealthCheckPlan plan, string cluster, UpstreamHost host, Action<UpstreamHost, HealthCheckEvent, string> done)
    {
        _plan = plan;
        _host = host;
        _checked = new CheckedHost(cluster, host.Address, host.EndPoint, host.Hostname, host.Metadata);
        _done = done;
        var stop = _stop.Token;
        _ = Task.Run(() => RunAsync(stop));
    }

    /// <summary>Ends. A check that is under way changes nothing any more.</summary>
    public void Dispose()
    {
        lock (_ending)
        {
            _stop.Cancel();
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        var configuration = _plan.Configuration;
        try
        {
            await Task.Delay(configuration.InitialDelay, stop).ConfigureAwait(false);
            while (true)
            {
                _plan.Stats.Begin();
                var (result, timedOut) = await CheckAsync(configuration.Timeout, stop).ConfigureAwait(false);
                Take(result, timedOut);
                await Task.Delay(configuration.Interval + (Random.Shared.NextDouble() * configuration.IntervalJitter), stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task<(HealthCheckResult Result, bool TimedOut)> CheckAsync(TimeSpan timeout, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(timeout);
        try
        {
            // One that does not look at its token must not end the checks of its host.
            return (await _plan.Checker.CheckAsync(_checked, limit.Token).AsTask().WaitAsync(limit.Token).ConfigureAwait(false), false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (HealthCheckResult.Unhealthy($"no answer in time ({timeout.TotalMilliseconds:0} ms)"), true);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            return (HealthCheckResult.Unhealthy(Describe(e)), false);
        }
    }

    private void Take(HealthCheckResult result, bool timedOut)
    {
        HealthCheckEvent check;
        string text;
        lock (_ending)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            _plan.Stats.End(result.IsHealthy, timedOut);
            bool changed = result.IsHealthy ? Pass(out text) : Fail(result.Reason, out text);
            check = new HealthCheckEvent(_checked, result, changed, !_host.Health.HasFailedChecks);
        }

        _done(_host, check, text);
    }

    private bool Pass(out string text)
    {
        _failed = 0;
        _passed++;
        _host.Health.Confirm(Passing);
        text = $"is healthy: {_passed} health {(_passed == 1 ? "check has" : "checks in a row have")} passed";
        return _host.Health.HasFailedChecks && _passed >= _plan.Configuration.HealthyThreshold && _host.Health.Recover(HostFailures.FailedChecks, Passing);
    }

    private bool Fail(string reason, out string text)
    {
        _passed = 0;
        _failed++;
        string failed = $"{_failed} health {(_failed == 1 ? "check has" : "checks in a row have")} failed: {reason}";
        text = "is unhealthy: " + failed;
        return !_host.Health.HasFailedChecks && _failed >= _plan.Configuration.UnhealthyThreshold && _host.Health.Fail(HostFailures.FailedChecks, failed);
    }

    private static string Describe(Exception e)
    {
        while (e.InnerException is { } inner && e is not SocketException)
        {
            e = inner;
        }

        return e.Message;
    }
}
