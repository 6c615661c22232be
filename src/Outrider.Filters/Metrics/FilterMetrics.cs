namespace Outrider.Filters;

/// <summary>
/// Makes the metrics of one filter's configuration, in the base's own statistics. Only while the configuration is read; see
/// <see cref="IMetricsUser"/>.
/// </summary>
public abstract class FilterMetrics
{
    /// <summary>Metrics that count nothing: where a base has no statistics.</summary>
    public static FilterMetrics None { get; } = new NoMetrics();

    /// <summary>A number that only grows.</summary>
    /// <param name="name">Letters, digits and underscores.</param>
    /// <param name="labels">Names of labels; each <see cref="FilterCounter.Add(long, ReadOnlySpan{string})"/> gives their values.</param>
    public abstract FilterCounter CreateCounter(string name, params ReadOnlySpan<string> labels);

    /// <summary>A number that goes up and down.</summary>
    /// <param name="name">Letters, digits and underscores.</param>
    /// <param name="labels">Names of labels; each change gives their values.</param>
    public abstract FilterGauge CreateGauge(string name, params ReadOnlySpan<string> labels);

    /// <summary>How values are distributed.</summary>
    /// <param name="name">Letters, digits and underscores.</param>
    /// <param name="labels">Names of labels; each value gives theirs.</param>
    public abstract FilterHistogram CreateHistogram(string name, params ReadOnlySpan<string> labels);

    private sealed class NoMetrics : FilterMetrics
    {
        public override FilterCounter CreateCounter(string name, params ReadOnlySpan<string> labels) => new NoCounter();

        public override FilterGauge CreateGauge(string name, params ReadOnlySpan<string> labels) => new NoGauge();

        public override FilterHistogram CreateHistogram(string name, params ReadOnlySpan<string> labels) => new NoHistogram();
    }

    private sealed class NoCounter : FilterCounter
    {
        public override void Add(long count, params ReadOnlySpan<string> labels)
        {
        }
    }

    private sealed class NoGauge : FilterGauge
    {
        public override void Set(long value, params ReadOnlySpan<string> labels)
        {
        }

        public override void Add(long difference, params ReadOnlySpan<string> labels)
        {
        }
    }

    private sealed class NoHistogram : FilterHistogram
    {
        public override void Record(long value, params ReadOnlySpan<string> labels)
        {
        }
    }
}
