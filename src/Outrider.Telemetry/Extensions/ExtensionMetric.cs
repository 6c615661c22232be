using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace Outrider.Telemetry.Extensions;

/// <summary>A counter, gauge or histogram that an extension has defined, with a series for each combination of its labels' values. Any thread.</summary>
internal sealed class ExtensionMetric(ExtensionMetricKind kind, string family, string help, IReadOnlyList<string> labels)
{
    // Labels come from requests: an extension that takes one from a header must not fill the memory.
    internal const int MaxSeries = 10_000;

    private readonly ConcurrentDictionary<byte[], ExtensionMetricSeries> _series = new(BytesComparer.Instance);
    private readonly ExtensionMetricSeries _only = new(kind, []);
    private int _count;

    internal ExtensionMetricKind Kind => kind;

    internal IReadOnlyList<string> Labels => labels;

    /// <summary>The series of these labels' values, each ended by a 0; null when there are too many.</summary>
    internal ExtensionMetricSeries? Series(ReadOnlySpan<byte> joined)
    {
        if (labels.Count == 0)
        {
            return _only;
        }

        return _series.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(joined, out var series) ? series : AddSeries(joined.ToArray());
    }

    /// <summary>The series of these labels' values; null when there are too many. Allocates nothing for one that is there.</summary>
    /// <exception cref="ArgumentException">Too few labels, or too many.</exception>
    internal ExtensionMetricSeries? Series(ReadOnlySpan<string> values)
    {
        if (values.Length != labels.Count)
        {
            throw new ArgumentException($"{family} has {labels.Count} labels, found the values of {values.Length}");
        }

        if (values.Length == 0)
        {
            return _only;
        }

        int most = values.Length;
        foreach (string value in values)
        {
            most += Encoding.UTF8.GetMaxByteCount(value.Length);
        }

        byte[]? rented = null;
        Span<byte> joined = most <= 512 ? stackalloc byte[512] : rented = ArrayPool<byte>.Shared.Rent(most);
        int length = 0;
        foreach (string value in values)
        {
            length += Encoding.UTF8.GetBytes(value, joined[length..]);
            joined[length++] = 0;
        }

        var series = Series(joined[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return series;
    }

    internal void Write(PrometheusText text)
    {
        switch (kind)
        {
            case ExtensionMetricKind.Counter:
                text.Counter(family + "_total", help);
                break;
            case ExtensionMetricKind.Gauge:
                text.Gauge(family, help);
                break;
            default:
                text.Histogram(family, help);
                break;
        }

        foreach (var series in labels.Count == 0 ? [_only] : _series.Values)
        {
            series.Write(text, [.. labels.Zip(series.LabelValues)]);
        }
    }

    private ExtensionMetricSeries? AddSeries(byte[] joined)
    {
        // What is not UTF-8 is shown with marks in its place: all that look alike are one series, or a scrape would have two of a name.
        joined = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(joined));
        if (_series.TryGetValue(joined, out var shown))
        {
            return shown;
        }

        // Counted apart: a dictionary that is asked how many it holds takes all of its locks.
        if (Volatile.Read(ref _count) >= MaxSeries)
        {
            return null;
        }

        var added = new ExtensionMetricSeries(kind, Encoding.UTF8.GetString(joined).Split('\0')[..^1]);
        if (_series.TryAdd(joined, added))
        {
            _ = Interlocked.Increment(ref _count);
            return added;
        }

        return _series.GetValueOrDefault(joined);
    }
}
