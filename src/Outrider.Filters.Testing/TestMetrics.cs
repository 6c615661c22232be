using System.Collections.Concurrent;

namespace Outrider.Filters.Testing;

/// <summary>The metrics that a host's filters have made, and what they say. Any thread.</summary>
public sealed class TestMetrics : FilterMetrics
{
    private readonly ConcurrentDictionary<string, int> _labels = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, List<long>> _values = new(StringComparer.Ordinal);

    /// <summary>The names of all metrics, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _labels.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What a counter or a gauge says; 0 where it never counted.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">The values of its labels.</param>
    /// <exception cref="ArgumentException">No filter has made such a metric, or it has another number of labels.</exception>
    public long Value(string name, params ReadOnlySpan<string> labels)
    {
        var values = Recorded(name, labels);
        return values.Count == 0 ? 0 : values[^1];
    }

    /// <summary>All that a histogram has recorded, in order.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">The values of its labels.</param>
    /// <exception cref="ArgumentException">As for <see cref="Value"/>.</exception>
    public IReadOnlyList<long> Recorded(string name, params ReadOnlySpan<string> labels)
    {
        Check(name, labels);
        if (!_values.TryGetValue(Key(name, labels), out var values))
        {
            return [];
        }

        lock (values)
        {
            return [.. values];
        }
    }

    /// <inheritdoc/>
    public override FilterCounter CreateCounter(string name, params ReadOnlySpan<string> labels)
    {
        Make(name, labels);
        return new Counter(this, name);
    }

    /// <inheritdoc/>
    public override FilterGauge CreateGauge(string name, params ReadOnlySpan<string> labels)
    {
        Make(name, labels);
        return new Gauge(this, name);
    }

    /// <inheritdoc/>
    public override FilterHistogram CreateHistogram(string name, params ReadOnlySpan<string> labels)
    {
        Make(name, labels);
        return new Histogram(this, name);
    }

    private static string Key(string name, ReadOnlySpan<string> labels) => $"{name}\0{string.Join('\0', labels)}";

    private void Make(string name, ReadOnlySpan<string> labels)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                throw new ArgumentException($"'{name}' is no name of a metric: letters, digits and underscores", nameof(name));
            }
        }

        _labels[name] = labels.Length;
    }

    private void Check(string name, ReadOnlySpan<string> labels)
    {
        if (!_labels.TryGetValue(name, out int count))
        {
            throw new ArgumentException($"no filter has made a metric '{name}'; there are: {string.Join(", ", Names)}", nameof(name));
        }

        if (count != labels.Length)
        {
            throw new ArgumentException($"'{name}' has {count} labels, not {labels.Length}", nameof(labels));
        }
    }

    private void Change(string name, ReadOnlySpan<string> labels, Action<List<long>> change)
    {
        Check(name, labels);
        var values = _values.GetOrAdd(Key(name, labels), static _ => []);
        lock (values)
        {
            change(values);
        }
    }

    private void Add(string name, long difference, ReadOnlySpan<string> labels) => Change(name, labels, values =>
    {
        long sum = values.Count == 0 ? difference : values[^1] + difference;
        values.Clear();
        values.Add(sum);
    });

    private sealed class Counter(TestMetrics metrics, string name) : FilterCounter
    {
        public override void Add(long count, params ReadOnlySpan<string> labels) => metrics.Add(name, count, labels);
    }

    private sealed class Gauge(TestMetrics metrics, string name) : FilterGauge
    {
        public override void Set(long value, params ReadOnlySpan<string> labels) => metrics.Change(name, labels, values =>
        {
            values.Clear();
            values.Add(value);
        });

        public override void Add(long difference, params ReadOnlySpan<string> labels) => metrics.Add(name, difference, labels);
    }

    private sealed class Histogram(TestMetrics metrics, string name) : FilterHistogram
    {
        public override void Record(long value, params ReadOnlySpan<string> labels) => metrics.Change(name, labels, values => values.Add(value));
    }
}
