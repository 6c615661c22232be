using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Envoy.Abi;
using Outrider.Proxy.Telemetry;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Counters, gauges and histograms: defined with a configuration, shown at <c>/metrics</c>. Any thread.</summary>
internal static unsafe class MetricCallbacks
{
    private const string P = CallbackGuard.Prefix;

    // On the stack; a label is a word.
    private const int MostLabelBytes = 2048;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_define_counter")]
    private static MetricsResult DefineCounter(nint configuration, ModuleBuffer name, ModuleBuffer* labels, nuint count, nuint* id)
        => Define(ExtensionMetricKind.Counter, configuration, name, labels, count, id);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_define_gauge")]
    private static MetricsResult DefineGauge(nint configuration, ModuleBuffer name, ModuleBuffer* labels, nuint count, nuint* id)
        => Define(ExtensionMetricKind.Gauge, configuration, name, labels, count, id);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_define_histogram")]
    private static MetricsResult DefineHistogram(nint configuration, ModuleBuffer name, ModuleBuffer* labels, nuint count, nuint* id)
        => Define(ExtensionMetricKind.Histogram, configuration, name, labels, count, id);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_increment_counter")]
    private static MetricsResult IncrementCounter(nint stream, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        try
        {
            var result = Find(ModuleFilter.Find(stream)?.Configuration, ExtensionMetricKind.Counter, id, labels, count, out var found);
            if (found is { } series)
            {
                series.Add((long)value);
            }

            return result;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.MetricNotFound;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_increment_gauge")]
    private static MetricsResult IncrementGauge(nint stream, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        try
        {
            var result = Find(ModuleFilter.Find(stream)?.Configuration, ExtensionMetricKind.Gauge, id, labels, count, out var found);
            if (found is { } series)
            {
                series.Add((long)value);
            }

            return result;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.MetricNotFound;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_decrement_gauge")]
    private static MetricsResult DecrementGauge(nint stream, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        try
        {
            var result = Find(ModuleFilter.Find(stream)?.Configuration, ExtensionMetricKind.Gauge, id, labels, count, out var found);
            if (found is { } series)
            {
                series.Add(-(long)value);
            }

            return result;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.MetricNotFound;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_set_gauge")]
    private static MetricsResult SetGauge(nint stream, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        try
        {
            var result = Find(ModuleFilter.Find(stream)?.Configuration, ExtensionMetricKind.Gauge, id, labels, count, out var found);
            if (found is { } series)
            {
                series.Set((long)value);
            }

            return result;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.MetricNotFound;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_record_histogram_value")]
    private static MetricsResult RecordHistogramValue(nint stream, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        try
        {
            var result = Find(ModuleFilter.Find(stream)?.Configuration, ExtensionMetricKind.Histogram, id, labels, count, out var found);
            if (found is { } series)
            {
                series.Record(value);
            }

            return result;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.MetricNotFound;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_increment_counter")]
    private static MetricsResult ConfigIncrementCounter(nint configuration, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        try
        {
            var result = Find(ModuleConfiguration.Find(configuration), ExtensionMetricKind.Counter, id, labels, count, out var found);
            if (found is { } series)
            {
                series.Add((long)value);
            }

            return result;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.MetricNotFound;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_increment_gauge")]
    private static MetricsResult ConfigIncrementGauge(nint configuration, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        try
        {
            var result = Find(ModuleConfiguration.Find(configuration), ExtensionMetricKind.Gauge, id, labels, count, out var found);
            if (found is { } series)
            {
                series.Add((long)value);
            }

            return result;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.MetricNotFound;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_decrement_gauge")]
    private static MetricsResult ConfigDecrementGauge(nint configuration, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        try
        {
            var result = Find(ModuleConfiguration.Find(configuration), ExtensionMetricKind.Gauge, id, labels, count, out var found);
            if (found is { } series)
            {
                series.Add(-(long)value);
            }

            return result;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.MetricNotFound;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_set_gauge")]
    private static MetricsResult ConfigSetGauge(nint configuration, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        try
        {
            var result = Find(ModuleConfiguration.Find(configuration), ExtensionMetricKind.Gauge, id, labels, count, out var found);
            if (found is { } series)
            {
                series.Set((long)value);
            }

            return result;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.MetricNotFound;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_record_histogram_value")]
    private static MetricsResult ConfigRecordHistogramValue(nint configuration, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        try
        {
            var result = Find(ModuleConfiguration.Find(configuration), ExtensionMetricKind.Histogram, id, labels, count, out var found);
            if (found is { } series)
            {
                series.Record(value);
            }

            return result;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.MetricNotFound;
        }
    }

    private static MetricsResult Define(ExtensionMetricKind kind, nint configuration, ModuleBuffer name, ModuleBuffer* labels, nuint count, nuint* id)
    {
        try
        {
            if (ModuleConfiguration.Find(configuration) is not { } owner)
            {
                return MetricsResult.Frozen;
            }

            string[] names = new string[(int)count];
            for (int i = 0; i < names.Length; i++)
            {
                names[i] = Encoding.UTF8.GetString(labels[i].Span);
            }

            if (ModuleMetrics.Families.Define(kind, Encoding.UTF8.GetString(name.Span), names) is not { } metric)
            {
                return MetricsResult.InvalidLabels;
            }

            *id = owner.Define(metric);
            return MetricsResult.Success;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.Frozen;
        }
    }

    private static MetricsResult Find(ModuleConfiguration? owner, ExtensionMetricKind kind, nuint id, ModuleBuffer* labels, nuint count, out ExtensionMetricSeries? series)
    {
        series = null;
        if (owner?.Metric(id) is not { } metric || metric.Kind != kind)
        {
            return MetricsResult.MetricNotFound;
        }

        if ((nuint)metric.Labels.Count != count)
        {
            return MetricsResult.InvalidLabels;
        }

        int length = 0;
        for (nuint i = 0; i < count; i++)
        {
            length += checked((int)labels[i].Length + 1);
        }

        if (length > MostLabelBytes)
        {
            return MetricsResult.InvalidLabels;
        }

        Span<byte> joined = stackalloc byte[length];
        int at = 0;
        for (nuint i = 0; i < count; i++)
        {
            labels[i].Span.CopyTo(joined[at..]);
            at += (int)labels[i].Length;
            joined[at++] = 0;
        }

        series = metric.Series(joined);
        return series is null ? MetricsResult.Frozen : MetricsResult.Success;
    }
}
