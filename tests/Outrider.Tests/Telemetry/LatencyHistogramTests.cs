using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Telemetry;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Quantiles_are_right_within_a_bucket()
    {
        var histogram = new LatencyHistogram();
        var random = new Random(42);
        long[] values = [.. Enumerable.Range(0, 100_000).Select(_ => (long)Math.Exp(random.NextDouble() * 20))];
        Array.ForEach(values, histogram.Record);
        Array.Sort(values);
        foreach (double quantile in new[] { 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            long exact = values[(int)Math.Ceiling(quantile * values.Length) - 1];
            Assert.InRange(histogram.Quantile(quantile), exact - (exact / 16) - 1, exact + (exact / 16) + 1);
        }

        Assert.Equal(values.Length, histogram.Count);
        Assert.Equal(values.Sum(), histogram.Sum);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(31)]
    public void Small_values_are_exact(long value)
    {
        var histogram = new LatencyHistogram();
        histogram.Record(value);
        Assert.Equal((value, value, value), (histogram.Quantile(0.5), histogram.Min, histogram.Max));
    }

    [Fact]
    public void Every_power_of_two_is_a_boundary()
    {
        var histogram = new LatencyHistogram();
        for (int bits = 4; bits <= 31; bits++)
        {
            histogram.Record((1L << bits) - 1);
            histogram.Record(1L << bits);
        }

        for (int bits = 4; bits <= 31; bits++)
        {
            Assert.Equal(2 * (bits - 4) + 1, histogram.CountBelowPowerOfTwo(bits));
        }

        Assert.Equal(histogram.Count, histogram.CountBelowPowerOfTwo(32));
    }

    [Fact]
    public void What_is_out_of_range_counts_at_the_ends()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(-5);
        histogram.Record(long.MaxValue);
        Assert.Equal(2, histogram.Count);
        Assert.Equal(0, histogram.Min);
        Assert.Equal(LatencyHistogram.MaxValue, histogram.Max);
    }

    [Fact]
    public void An_empty_one_says_zero()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal((0, 0, 0, 0, 0), (histogram.Count, histogram.Sum, histogram.Min, histogram.Max, histogram.Quantile(0.5)));
    }

    [Fact]
    public void Merging_adds()
    {
        LatencyHistogram a = new(), b = new();
        a.Record(TimeSpan.FromMilliseconds(1));
        b.Record(TimeSpan.FromSeconds(1));
        a.Merge(b);
        Assert.Equal((2, 1_001_000), (a.Count, a.Sum));
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var histogram = new LatencyHistogram();
        long value = 0;
        Allocation.AssertNone(() => histogram.Record(value += 37));
    }
}
