using System.Text.RegularExpressions;
using Outrider.Expressions;
using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.StockFilters.Stats;

/// <summary>One metric and its labels, ready for use. Any thread.</summary>
internal sealed partial class StreamMetric
{
    /// <summary>What names of metrics and labels match as a whole.</summary>
    internal const string NamePattern = "[A-Za-z_][A-Za-z0-9_]*";

    private const string Suffix = "_total";

    private readonly Expression _value;
    private readonly MetricConfig[] _overrides;
    private readonly string[] _labels;
    private readonly string _type;
    private Action<long, string[]> _record = static (_, _) => { };

    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal StreamMetric(string path, MetricDefinition definition, string prefix, MetricConfig[] overrides)
    {
        Name = prefix.Length == 0 ? definition.Name : prefix + "_" + definition.Name;
        _type = definition.Type;
        _value = Compile(path + ".value", definition.Value);
        if (_value.Kind is not (ValueKind.Integer or ValueKind.Number or ValueKind.Duration))
        {
            throw new FilterConfigurationException(path + ".value", "wanted an expression that is a number or a duration");
        }

        _overrides = [.. overrides.Where(one => one.Name.Length == 0 || one.Name == definition.Name)];

        // A label that is for some streams alone is empty for the others.
        var labels = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var one in _overrides)
        {
            labels.UnionWith(one.Expressions.Keys);
            if (one.Condition is null)
            {
                labels.ExceptWith(one.TagsToRemove ?? []);
            }
        }

        _labels = [.. labels];
    }

    /// <summary>The metric's name, with what stands before it.</summary>
    internal string Name { get; }

    /// <summary>Is this the name of a label?</summary>
    internal static bool IsName(string text) => WholeName().IsMatch(text);

    /// <summary>Reads an expression.</summary>
    /// <exception cref="FilterConfigurationException">It is none.</exception>
    internal static Expression Compile(string path, string? text)
    {
        try
        {
            return Expression.Compile(text ?? "");
        }
        catch (FormatException e)
        {
            throw new FilterConfigurationException(path, e.Message, e);
        }
    }

    /// <summary>Makes it.</summary>
    internal void Create(FilterMetrics metrics)
    {
        switch (_type)
        {
            case "GAUGE":
                var gauge = metrics.CreateGauge(Name, _labels);
                _record = (value, labels) => gauge.Set(value, labels);
                break;
            case "HISTOGRAM":
                var histogram = metrics.CreateHistogram(Name, _labels);
                _record = (value, labels) => histogram.Record(value, labels);
                break;
            default:
                // What shows counters writes that suffix behind each.
                var counter = metrics.CreateCounter(Name.EndsWith(Suffix, StringComparison.Ordinal) && Name.Length > Suffix.Length ? Name[..^Suffix.Length] : Name, _labels);
                _record = (value, labels) => counter.Add(value, labels);
                break;
        }
    }

    /// <summary>Counts a stream that has ended. What cannot be evaluated counts nothing, and is said.</summary>
    internal void Record(StreamContext stream)
    {
        var value = _value.Evaluate(stream);
        string[] labels = new string[_labels.Length];
        if (value.IsError || LabelsOf(stream, labels) is { } failed && (value = failed).IsError)
        {
            stream.Log.Warn($"istio.stats: {Name}: {value.Text}");
            return;
        }

        long number = value.Kind switch
        {
            ValueKind.Integer => value.Integer,
            ValueKind.Number => (long)value.Number,
            _ => (long)value.Duration.TotalMilliseconds,
        };
        _record(Math.Max(0, number), labels);
    }

    [GeneratedRegex(@"\A" + NamePattern + @"\z")]
    private static partial Regex WholeName();

    // Null where all could be evaluated.
    private Value? LabelsOf(StreamContext stream, string[] labels)
    {
        Array.Fill(labels, "");
        foreach (var one in _overrides)
        {
            if (one.Condition?.Evaluate(stream) is { } condition)
            {
                if (condition.IsError)
                {
                    return condition;
                }

                if (!condition.Flag)
                {
                    continue;
                }
            }

            foreach (var (name, expression) in one.Expressions)
            {
                var value = expression.Evaluate(stream);
                if (value.IsError)
                {
                    return value;
                }

                Set(labels, name, value.ToString());
            }

            foreach (string name in one.TagsToRemove ?? [])
            {
                Set(labels, name, "");
            }
        }

        return null;
    }

    private void Set(string[] labels, string name, string value)
    {
        int at = Array.BinarySearch(_labels, name, StringComparer.Ordinal);
        if (at >= 0)
        {
            labels[at] = value;
        }
    }
}
