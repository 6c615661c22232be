using System.Collections.Concurrent;
using Outrider.Filters;

namespace Outrider.StockFilters.Tolerance;

/// <summary>The hosts of one cluster, compared with each other as MOSN's <c>MeasureModel</c> does.</summary>
internal sealed class ClusterFaults(string cluster, FaultToleranceConfig config)
{
    // MOSN's: a host that has had no calls so many times in a row is forgotten.
    private const int MaxIdleTimes = 6;

    private readonly ConcurrentDictionary<BalancedHost, HostCalls> _hosts = new();
    private int _down;

    /// <summary>A host has answered. Any loop.</summary>
    internal void Add(BalancedHost host, bool isException) => _hosts.GetOrAdd(host, static _ => new HostCalls()).Add(isException);

    /// <summary>Compares them, and lets those come back whose time is over. Not on a loop; one at a time.</summary>
    internal void Compare(long now)
    {
        var looked = new List<(BalancedHost Host, HostCalls Of, long Calls, long Exceptions)>();
        foreach (var (host, calls) in _hosts)
        {
            var (count, exceptions) = calls.Read();
            if (calls.DownSince is { } since)
            {
                if (now - since >= config.RecoverTime)
                {
                    Return(host, calls);
                }
            }
            else if (count > 0)
            {
                calls.IdleTimes = 0;
                looked.Add((host, calls, count, exceptions));
            }
            else if (++calls.IdleTimes >= MaxIdleTimes)
            {
                _ = _hosts.TryRemove(host, out _);
            }
        }

        var enough = looked.Where(one => one.Calls >= config.LeastWindowCount).ToList();
        if (enough.Count == 0)
        {
            return;
        }

        double average = (double)enough.Sum(one => one.Exceptions) / enough.Sum(one => one.Calls);
        foreach (var (host, calls, count, exceptions) in enough)
        {
            double rate = (double)exceptions / count;
            if (average > 0 && rate / average >= config.ExceptionRateMultiple && _down < config.MaxIpCount)
            {
                calls.DownSince = now;
                _down++;
                host.SetAside(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"fault_tolerance: {rate:0.0%} of its calls fail, and {average:0.0%} of the cluster's"));
                config.Downgrades.Add(1, cluster);
            }
        }

        looked.ForEach(one => one.Of.Take(one.Calls, one.Exceptions));
    }

    /// <summary>All come back.</summary>
    internal void ReturnAll()
    {
        foreach (var (host, calls) in _hosts)
        {
            if (calls.DownSince is not null)
            {
                Return(host, calls);
            }
        }
    }

    private void Return(BalancedHost host, HostCalls calls)
    {
        var (count, exceptions) = calls.Read();
        calls.Take(count, exceptions);
        calls.DownSince = null;
        calls.IdleTimes = 0;
        _down--;
        host.TakeBack("fault_tolerance: its time is over");
    }
}
