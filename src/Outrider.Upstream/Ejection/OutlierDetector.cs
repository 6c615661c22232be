using Outrider.Configuration.Model;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Ejection;

/// <summary>
/// Finds the hosts of one cluster that fail requests, and keeps requests away from them for a while. It is told of results on the loops, where it only
/// counts; ejecting, and letting hosts come back, is for threads that may wait. What it knows of a host stays with the host, and so outlives it.
/// </summary>
internal sealed class OutlierDetector
{
    private readonly OutlierConfiguration _configuration;
    private readonly Func<HostSet> _hosts;
    private readonly Action<UpstreamHost, string> _changed;
    private readonly Lock _deciding = new();
    private readonly Dictionary<UpstreamHost, RateWindow> _windows = [];
    private long _ejections, _refused;

    /// <param name="configuration">What the cluster says.</param>
    /// <param name="hosts">The cluster's hosts of now.</param>
    /// <param name="changed">Is told of a host that was ejected, or came back, and in a sentence why.</param>
    public OutlierDetector(OutlierConfiguration configuration, Func<HostSet> hosts, Action<UpstreamHost, string> changed)
    {
        _configuration = configuration;
        _hosts = hosts;
        _changed = changed;
    }

    /// <summary>How often <see cref="Sweep"/> is to be called.</summary>
    public TimeSpan Interval => _configuration.Interval;

    /// <summary>Hosts that were ejected so far. Any thread.</summary>
    public long Ejections => Volatile.Read(ref _ejections);

    /// <summary>Hosts that were not ejected, as too many were already. Any thread.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>A host has answered. On the loop of that number.</summary>
    public void OnAnswer(UpstreamHost host, int loop, int status)
    {
        ref var state = ref host.On(loop);
        state.Results++;
        if (status < 500)
        {
            FailureRuns.End(ref host.Runs.ServerErrors);
            FailureRuns.End(ref host.Runs.GatewayFailures);
        }
        else
        {
            state.Failures++;
            Count(host, ref host.Runs.ServerErrors, _configuration.Consecutive5xx, _configuration.Enforcing5xx, EjectionCause.Consecutive5xx);
            if (status is >= 502 and <= 504)
            {
                Count(host, ref host.Runs.GatewayFailures, _configuration.ConsecutiveGatewayFailure, _configuration.EnforcingGatewayFailure, EjectionCause.ConsecutiveGatewayFailure);
            }
            else
            {
                FailureRuns.End(ref host.Runs.GatewayFailures);
            }
        }

        if (_configuration.SplitsLocalOrigin)
        {
            state.LocalResults++;
            FailureRuns.End(ref host.Runs.LocalFailures);
        }
    }

    /// <summary>There was no answer: no connection, a reset, or too long a wait. On the loop of that number.</summary>
    public void OnNoAnswer(UpstreamHost host, int loop, bool timedOut)
    {
        if (!_configuration.SplitsLocalOrigin)
        {
            OnAnswer(host, loop, timedOut ? 504 : 503);
            return;
        }

        ref var state = ref host.On(loop);
        state.LocalResults++;
        state.LocalFailures++;
        Count(host, ref host.Runs.LocalFailures, _configuration.ConsecutiveLocalOriginFailure, _configuration.EnforcingLocalOriginFailure, EjectionCause.ConsecutiveLocalOriginFailure);
    }

    /// <summary>A connection that is all that was wanted has come about. On the loop of that number.</summary>
    public void OnConnected(UpstreamHost host, int loop)
    {
        if (!_configuration.SplitsLocalOrigin)
        {
            OnAnswer(host, loop, 200);
            return;
        }

        host.On(loop).LocalResults++;
        FailureRuns.End(ref host.Runs.LocalFailures);
    }

    /// <summary>A host has passed a health check, which ends its ejection unless the configuration says otherwise. Not on a loop.</summary>
    public void OnCheckPassed(UpstreamHost host)
    {
        if (_configuration.ChecksUneject && host.Health.IsEjected)
        {
            lock (_deciding)
            {
                Return(host, "its health check has passed");
            }
        }
    }

    /// <summary>The first interval begins. Not on a loop.</summary>
    public void Begin()
    {
        lock (_deciding)
        {
            foreach (var host in _hosts().Hosts)
            {
                _ = _windows.TryAdd(host, new RateWindow(host));
            }
        }
    }

    /// <summary>Lets hosts come back whose time is over, and compares the others with each other. Not on a loop; one at a time.</summary>
    /// <param name="now">Milliseconds of <see cref="Environment.TickCount64"/>.</param>
    public void Sweep(long now)
    {
        lock (_deciding)
        {
            var hosts = _hosts();
            foreach (var host in hosts.Hosts)
            {
                ReturnWhenDue(host, now);
            }

            List<HostRate> answers = [], local = [];
            foreach (var host in hosts.Hosts)
            {
                if (!_windows.TryGetValue(host, out var window))
                {
                    _windows.Add(host, window = new RateWindow(host));
                }

                window.Take(out var ofAnswers, out var ofNetwork);
                answers.Add(ofAnswers);
                local.Add(ofNetwork);
            }

            ForgetAllBut(hosts);
            Compare(answers, _configuration.EnforcingSuccessRate, _configuration.EnforcingFailurePercentage);
            if (_configuration.SplitsLocalOrigin)
            {
                Compare(local, _configuration.EnforcingLocalOriginSuccessRate, _configuration.EnforcingFailurePercentageLocalOrigin);
            }
        }
    }

    /// <summary>Ejects a host, unless it is already, or too many are. Not on a loop.</summary>
    internal void Eject(UpstreamHost host, string reason)
    {
        lock (_deciding)
        {
            var hosts = _hosts();
            int ejected = 0;
            bool isMember = false;
            foreach (var other in hosts.Hosts)
            {
                ejected += other.Health.IsEjected ? 1 : 0;
                isMember |= other == host;
            }

            if (!isMember || host.Health.IsEjected)
            {
                return;
            }

            // One host always may, whatever per cent that is: Envoy's rule for clusters of a few hosts.
            if (_configuration.MaxEjectionPercent == 0 || (ejected > 0 && (ejected + 1) * 100L > (long)_configuration.MaxEjectionPercent * hosts.Count))
            {
                _refused++;
                return;
            }

            host.Health.Ejections++;
            host.Health.EjectedAt = Environment.TickCount64;
            host.Health.EjectionTime = EjectionTime(host.Health.Ejections);
            string text = $"ejected for {host.Health.EjectionTime / 1000.0:0.###} s: {reason}";
            if (host.Health.Fail(HostFailures.Ejected, text))
            {
                _ejections++;
                _changed(host, $"is {text} ({ejected + 1} of {hosts.Count} hosts are ejected)");
            }
        }
    }

    private void Count(UpstreamHost host, ref int run, int threshold, int chance, EjectionCause cause)
    {
        int length = Interlocked.Increment(ref run);
        if (threshold == 0 || length < threshold || host.Health.IsEjected)
        {
            return;
        }

        // Another loop may have come here as well: the run has one end.
        if (Interlocked.CompareExchange(ref run, 0, length) == length && IsDrawn(chance))
        {
            host.Health.IsBeingEjected = true;
            ThreadPool.UnsafeQueueUserWorkItem(static work => work.Detector.Decide(work.Host, work.Threshold, work.Cause), (Detector: this, Host: host, Cause: cause, Threshold: threshold), preferLocal: false);
        }
    }

    private void Decide(UpstreamHost host, int threshold, EjectionCause cause)
    {
        try
        {
            Eject(host, $"{threshold} {Name(cause)} in a row");
        }
        finally
        {
            host.Health.IsBeingEjected = false;
        }
    }

    private static string Name(EjectionCause cause) => cause switch
    {
        EjectionCause.Consecutive5xx => "responses of 500 and above",
        EjectionCause.ConsecutiveGatewayFailure => "gateway failures (502, 503, 504, no connection, no answer)",
        _ => "failures of the network",
    };

    private static bool IsDrawn(int chance) => chance >= 100 || Random.Shared.Next(100) < chance;

    private long EjectionTime(int times)
    {
        double longest = _configuration.MaxEjectionTime.TotalMilliseconds;
        double time = Math.Min(_configuration.BaseEjectionTime.TotalMilliseconds * times, longest);
        return (long)(time + (Random.Shared.NextDouble() * _configuration.MaxEjectionTimeJitter.TotalMilliseconds));
    }

    private void ReturnWhenDue(UpstreamHost host, long now)
    {
        var health = host.Health;
        if (!health.IsEjected)
        {
            // A host that stays well has its next ejection as short as the first again, one interval after the other.
            health.Ejections = Math.Max(0, health.Ejections - 1);
            return;
        }

        if (now - health.EjectedAt >= health.EjectionTime)
        {
            Return(host, "its ejection is over");
        }
    }

    private void Return(UpstreamHost host, string reason)
    {
        host.Runs.Clear();
        if (host.Health.Recover(HostFailures.Ejected, reason))
        {
            _changed(host, $"is no longer ejected: {reason}");
        }
    }

    private void Compare(List<HostRate> all, int chanceOfRate, int chanceOfPercentage)
    {
        // Those that are ejected have nothing to be compared by.
        var hosts = all.Where(rate => !rate.Host.Health.IsEjected).ToList();
        if (chanceOfRate > 0)
        {
            foreach (var (host, threshold) in SuccessRates.Outliers(
                [.. hosts.Where(rate => rate.Total > 0 && rate.Total >= _configuration.SuccessRateRequestVolume)], _configuration.SuccessRateMinimumHosts, _configuration.SuccessRateStdevFactor))
            {
                if (IsDrawn(chanceOfRate))
                {
                    Eject(host.Host, $"{host.SuccessPercent:0.0} % of its requests succeed, and {threshold:0.0} % is the least by what the other hosts do");
                }
            }
        }

        var enough = hosts.Where(rate => rate.Total > 0 && rate.Total >= _configuration.FailurePercentageRequestVolume).ToList();
        if (chanceOfPercentage > 0 && enough.Count >= _configuration.FailurePercentageMinimumHosts)
        {
            foreach (var host in enough.Where(rate => 100 - rate.SuccessPercent >= _configuration.FailurePercentageThreshold && IsDrawn(chanceOfPercentage)))
            {
                Eject(host.Host, $"{100 - host.SuccessPercent:0.0} % of its requests fail");
            }
        }
    }

    private void ForgetAllBut(HostSet hosts)
    {
        if (_windows.Count > hosts.Count)
        {
            HashSet<UpstreamHost> kept = [.. hosts.Hosts];
            foreach (var gone in _windows.Keys.Where(host => !kept.Contains(host)).ToArray())
            {
                _windows.Remove(gone);
            }
        }
    }
}
