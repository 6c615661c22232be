using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Tolerance;

/// <summary>MOSN's <c>fault_tolerance</c>: when a host is worse than the others, how many such hosts get no requests, and for how long. 0 stands for a key's default, as in MOSN.</summary>
public sealed class FaultToleranceConfig : IValidatable, IExcuser, IMetricsUser, IDisposable
{
    /// <summary>Is anything done? Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>Statuses that count as failures. Default 502, 503 and 504.</summary>
    public int[]? ExceptionTypes { get; set; }

    /// <summary>How often hosts are compared, in milliseconds, 10 at least. Default 10 000.</summary>
    [ZeroOr(10, int.MaxValue)]
    public long TimeWindow { get; set; }

    /// <summary>How many calls a host has to have had to be compared, 1 at least. Default 10.</summary>
    [Range(0, double.MaxValue)]
    public long LeastWindowCount { get; set; }

    /// <summary>How many times as often as the cluster's calls altogether a host's have to fail, above 1. Default 5.</summary>
    [ZeroOr(1, double.MaxValue, IsMinimumOut = true)]
    public double ExceptionRateMultiple { get; set; }

    /// <summary>How many hosts of a cluster get no requests at once. Default 1.</summary>
    [Range(0, int.MaxValue)]
    public int MaxIpCount { get; set; }

    /// <summary>Without effect, as in MOSN.</summary>
    public double MaxIpRatio { get; set; }

    /// <summary>How long a host gets none, in milliseconds. Default 15 minutes.</summary>
    [Range(0, int.MaxValue)]
    public long RecoverTime { get; set; }

    /// <summary>How many threads of MOSN's compare: without effect.</summary>
    public long TaskSize { get; set; }

    [JsonIgnore]
    internal FaultRegulator Regulator { get; private set; } = null!;

    [JsonIgnore]
    internal IReadOnlySet<int> Exceptions { get; private set; } = new HashSet<int>();

    [JsonIgnore]
    internal FilterCounter Downgrades { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        TimeWindow = Or(TimeWindow, 10_000);
        LeastWindowCount = Or(LeastWindowCount, 10);
        RecoverTime = Or(RecoverTime, 15 * 60_000);
        ExceptionRateMultiple = ExceptionRateMultiple == 0 ? 5 : ExceptionRateMultiple;
        MaxIpCount = MaxIpCount == 0 ? 1 : MaxIpCount;
        Exceptions = (ExceptionTypes ?? [502, 503, 504]).ToHashSet();
        Regulator = new FaultRegulator(this);
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Downgrades = metrics.CreateCounter("downgrades", "cluster");
    }

    /// <inheritdoc/>
    public void Excuse(Action<string, string> excuse)
    {
        ArgumentNullException.ThrowIfNull(excuse);
        if (MaxIpRatio != 0)
        {
            excuse("$.maxIpRatio", "has no effect, as in MOSN; maxIpCount has");
        }

        if (TaskSize != 0)
        {
            excuse("$.taskSize", "has no effect: hosts are compared by one thread");
        }
    }

    /// <summary>Hosts that got no requests because of this configuration get some again.</summary>
    public void Dispose() => Regulator?.Dispose();

    private static long Or(long value, long usual) => value == 0 ? usual : value;
}
