using System.Globalization;
using System.Numerics;

namespace Outrider.Telemetry.Extensions;

/// <summary>One series of a metric: a number, or for a histogram how many values lay below each power of two. Any thread; each number by itself is right at any time.</summary>
internal sealed class ExtensionMetricSeries(ExtensionMetricKind kind, IReadOnlyList<string> labelValues)
{
    private readonly long[]? _buckets = kind == ExtensionMetricKind.Histogram ? new long[65] : null;
    private long _value;
    private long _count;

    internal IReadOnlyList<string> LabelValues => labelValues;

    internal long Value => Volatile.Read(ref _value);

    internal void Apply(MetricChange change, ulong value)
    {
        switch (change)
        {
            case MetricChange.Add:
                _ = Interlocked.Add(ref _value, (long)value);
                break;
            case MetricChange.Subtract:
                _ = Interlocked.Add(ref _value, -(long)value);
                break;
            case MetricChange.Set:
                Volatile.Write(ref _value, (long)value);
                break;
            default:
                Record(value);
                break;
        }
    }

    private void Record(ulong value)
    {
        _ = Interlocked.Increment(ref _buckets![64 - BitOperations.LeadingZeroCount(value)]);
        _ = Interlocked.Add(ref _value, (long)value);
        _ = Interlocked.Increment(ref _count);
    }

    internal void Write(PrometheusText text, (string Name, string Value)[] labels)
    {
        if (_buckets is null)
        {
            text.Sample(Value, labels);
            return;
        }

        long below = 0;
        int last = Array.FindLastIndex(_buckets, count => count > 0);
        for (int bits = 0; bits <= last; bits++)
        {
            below += Volatile.Read(ref _buckets[bits]);
            string bound = (BigInteger.Pow(2, bits) - 1).ToString(CultureInfo.InvariantCulture);
            text.Sample("_bucket", below, [.. labels, ("le", bound)]);
        }

        long count = Volatile.Read(ref _count);
        text.Sample("_bucket", count, [.. labels, ("le", "+Inf")]);
        text.Sample("_sum", Value, labels);
        text.Sample("_count", count, labels);
    }
}
