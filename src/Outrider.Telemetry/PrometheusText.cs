using System.Globalization;
using System.Text;

namespace Outrider.Telemetry;

/// <summary>
/// Writes Prometheus' text format 0.0.4: families, each with its samples behind it. One thread, for one answer.
/// </summary>
internal sealed class PrometheusText
{
    // Powers of two from 128 µs to 17 s, where LatencyHistogram's buckets end: the counts are exact.
    private const int FirstBoundary = 7;
    private const int LastBoundary = 24;

    private readonly StringBuilder _text = new();
    private string _name = "";

    /// <summary>Begins a family of counters; its name ends in <c>_total</c>.</summary>
    public PrometheusText Counter(string name, string help) => Family(name, "counter", help);

    /// <summary>Begins a family of gauges.</summary>
    public PrometheusText Gauge(string name, string help) => Family(name, "gauge", help);

    /// <summary>Begins a family of histograms.</summary>
    public PrometheusText Histogram(string name, string help) => Family(name, "histogram", help);

    /// <summary>Adds a sample to the family.</summary>
    public PrometheusText Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels) => Sample("", value, labels);

    /// <summary>Adds a histogram of microseconds to the family, in seconds.</summary>
    public PrometheusText Sample(LatencyHistogram histogram, params ReadOnlySpan<(string Name, string Value)> labels) => Sample(histogram, 1e6, labels);

    /// <summary>Adds a histogram of microseconds to the family, in milliseconds.</summary>
    public PrometheusText SampleMilliseconds(LatencyHistogram histogram, params ReadOnlySpan<(string Name, string Value)> labels) => Sample(histogram, 1e3, labels);

    private PrometheusText Sample(LatencyHistogram histogram, double unit, ReadOnlySpan<(string Name, string Value)> labels)
    {
        for (int bits = FirstBoundary; bits <= LastBoundary; bits++)
        {
            string bound = ((1L << bits) / unit).ToString(CultureInfo.InvariantCulture);
            Sample("_bucket", histogram.CountBelowPowerOfTwo(bits), [.. labels, ("le", bound)]);
        }

        long count = histogram.Count;
        Sample("_bucket", count, [.. labels, ("le", "+Inf")]);
        Sample("_sum", histogram.Sum / unit, labels);
        return Sample("_count", count, labels);
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private PrometheusText Family(string name, string type, string help)
    {
        _name = name;
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    /// <summary>Adds a sample of a family whose samples have names of their own (<c>_bucket</c>, <c>_sum</c>, <c>_count</c>).</summary>
    public PrometheusText Sample(string suffix, double value, ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(_name).Append(suffix);
        char separator = '{';
        foreach ((string name, string label) in labels)
        {
            _text.Append(separator).Append(name).Append("=\"");
            _text.Append(label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
            _text.Append('"');
            separator = ',';
        }

        _text.Append(labels.Length > 0 ? "} " : " ").Append(CultureInfo.InvariantCulture, $"{value:R}").Append('\n');
        return this;
    }
}
