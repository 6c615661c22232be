using System.Numerics;

namespace Outrider.Telemetry;

/// <summary>
/// How long things took, in microseconds: 16 equal buckets to each power of two, so a bucket is at most a sixteenth as wide as the
/// values in it. Written by one loop; any thread may read, and may then miss what is being written.
/// </summary>
internal sealed class LatencyHistogram
{
    // 2^32 µs are 71 minutes; what takes longer counts as that.
    private const int SubBucketBits = 4;
    private const int SubBuckets = 1 << SubBucketBits;
    private const int MaxBits = 32;
    private const int BucketCount = (MaxBits - SubBucketBits + 1) * SubBuckets;

    private readonly long[] _counts = new long[BucketCount];
    private long _sum;

    /// <summary>The longest time that is told from longer ones, in microseconds.</summary>
    public const long MaxValue = (1L << MaxBits) - 1;

    /// <summary>How many values there are.</summary>
    public long Count
    {
        get
        {
            long count = 0;
            foreach (long bucket in _counts)
            {
                count += bucket;
            }

            return count;
        }
    }

    /// <summary>The sum of all values in microseconds.</summary>
    public long Sum => Volatile.Read(ref _sum);

    /// <summary>The lower bound of the first bucket that is not empty; 0 when all are.</summary>
    public long Min => Array.FindIndex(_counts, static count => count > 0) is >= 0 and var i ? LowerBound(i) : 0;

    /// <summary>The upper bound (inclusive) of the last bucket that is not empty; 0 when all are.</summary>
    public long Max => Array.FindLastIndex(_counts, static count => count > 0) is >= 0 and var i ? LowerBound(i + 1) - 1 : 0;

    /// <summary>Counts a value in microseconds; below 0 counts as 0. On the loop.</summary>
    public void Record(long microseconds)
    {
        long value = Math.Clamp(microseconds, 0, MaxValue);
        _counts[IndexOf(value)]++;
        _sum += value;
    }

    /// <summary>Counts a time. On the loop.</summary>
    public void Record(TimeSpan time) => Record(time.Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>Adds another histogram's values to this one, which nobody else writes.</summary>
    public void Merge(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        _sum += other.Sum;
    }

    /// <summary>The value that a share of all values does not exceed, as the middle of its bucket; 0 when there are none.</summary>
    /// <param name="quantile">0 to 1: 0.99 for the 99th percentile.</param>
    public long Quantile(double quantile)
    {
        long count = Count;
        if (count == 0)
        {
            return 0;
        }

        long rank = Math.Clamp((long)Math.Ceiling(quantile * count), 1, count);
        for (int i = 0; i < _counts.Length; i++)
        {
            rank -= _counts[i];
            if (rank <= 0)
            {
                return (LowerBound(i) + LowerBound(i + 1) - 1) / 2;
            }
        }

        return MaxValue;
    }

    /// <summary>How many values are below 2 to the power of <paramref name="bits"/> microseconds (4 to 32). Exact: a bucket ends there.</summary>
    public long CountBelowPowerOfTwo(int bits)
    {
        long count = 0;
        for (int i = (bits - SubBucketBits + 1) * SubBuckets - 1; i >= 0; i--)
        {
            count += _counts[i];
        }

        return count;
    }

    private static int IndexOf(long value)
    {
        if (value < SubBuckets)
        {
            return (int)value;
        }

        int shift = BitOperations.Log2((ulong)value) - SubBucketBits;
        return (shift << SubBucketBits) + (int)(value >> shift);
    }

    private static long LowerBound(int index)
    {
        if (index < 2 * SubBuckets)
        {
            return index;
        }

        int shift = (index >> SubBucketBits) - 1;
        return (long)(SubBuckets + (index & (SubBuckets - 1))) << shift;
    }
}
