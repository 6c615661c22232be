using System.Text;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Streams;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Metrics;

/// <summary>One metric as Envoy knows it.</summary>
internal sealed unsafe class EnvoyMetric
{
    private readonly nint _configuration;
    private readonly nuint _id;
    private readonly string _name;
    private readonly int _labels;

    internal EnvoyMetric(nint configuration, string kind, string name, ReadOnlySpan<string> labels)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _configuration = configuration;
        _name = name;
        _labels = labels.Length;
        using var names = new ModuleTexts(labels);
        _id = MetricCallbacks.Define(configuration, kind, Encoding.UTF8.GetBytes(name), names.Span);
    }

    internal void Change(MetricChange change, ulong value, ReadOnlySpan<string> labels)
    {
        if (labels.Length != _labels)
        {
            throw new ArgumentException($"the metric '{_name}' has {_labels} labels, not {labels.Length}", nameof(labels));
        }

        using var values = new ModuleTexts(labels);
        var texts = values.Span;
        fixed (ModuleBuffer* given = texts)
        {
            var function = change.Function;
            var result = function(change.IsOfStream ? CurrentStream(change) : _configuration, _id, given, (nuint)texts.Length, value);
            if (result != MetricsResult.Success)
            {
                throw new InvalidOperationException($"the metric '{_name}' cannot be changed: {result}");
            }
        }
    }

    // Filters are called with their stream's scheduler as the context.
    private static nint CurrentStream(MetricChange change)
        => SynchronizationContext.Current is StreamScheduler scheduler ? scheduler.Link.Pointer : throw new EnvoyVersionException(change.Name + " for configurations (outside of a stream)");
}
