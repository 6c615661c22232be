using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Streams;
using Outrider.Telemetry.Extensions;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Counters, gauges and histograms: defined with a configuration, shown at <c>/metrics</c>. Any thread.</summary>
internal static unsafe class MetricCallbacks
{
    private const string P = CallbackGuard.Prefix;

    // On the stack; a label is a word.
    private const int MaxLabelBytes = 2048;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_define_counter")]
    private static MetricsResult DefineCounter(nint configuration, ModuleBuffer name, ModuleBuffer* labels, nuint count, nuint* id)
    {
        CallbackGuard.Enter();
        return Define(ExtensionMetricKind.Counter, configuration, name, labels, count, id);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_define_gauge")]
    private static MetricsResult DefineGauge(nint configuration, ModuleBuffer name, ModuleBuffer* labels, nuint count, nuint* id)
    {
        CallbackGuard.Enter();
        return Define(ExtensionMetricKind.Gauge, configuration, name, labels, count, id);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_define_histogram")]
    private static MetricsResult DefineHistogram(nint configuration, ModuleBuffer name, ModuleBuffer* labels, nuint count, nuint* id)
    {
        CallbackGuard.Enter();
        return Define(ExtensionMetricKind.Histogram, configuration, name, labels, count, id);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_increment_counter")]
    private static MetricsResult IncrementCounter(nint stream, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        CallbackGuard.Enter();
        return OnStream(stream, ExtensionMetricKind.Counter, MetricChange.Add, id, labels, count, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_increment_gauge")]
    private static MetricsResult IncrementGauge(nint stream, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        CallbackGuard.Enter();
        return OnStream(stream, ExtensionMetricKind.Gauge, MetricChange.Add, id, labels, count, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_decrement_gauge")]
    private static MetricsResult DecrementGauge(nint stream, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        CallbackGuard.Enter();
        return OnStream(stream, ExtensionMetricKind.Gauge, MetricChange.Subtract, id, labels, count, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_set_gauge")]
    private static MetricsResult SetGauge(nint stream, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        CallbackGuard.Enter();
        return OnStream(stream, ExtensionMetricKind.Gauge, MetricChange.Set, id, labels, count, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_record_histogram_value")]
    private static MetricsResult RecordHistogramValue(nint stream, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        CallbackGuard.Enter();
        return OnStream(stream, ExtensionMetricKind.Histogram, MetricChange.Record, id, labels, count, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_increment_counter")]
    private static MetricsResult ConfigIncrementCounter(nint configuration, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        CallbackGuard.Enter();
        return OnConfiguration(configuration, ExtensionMetricKind.Counter, MetricChange.Add, id, labels, count, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_increment_gauge")]
    private static MetricsResult ConfigIncrementGauge(nint configuration, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        CallbackGuard.Enter();
        return OnConfiguration(configuration, ExtensionMetricKind.Gauge, MetricChange.Add, id, labels, count, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_decrement_gauge")]
    private static MetricsResult ConfigDecrementGauge(nint configuration, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        CallbackGuard.Enter();
        return OnConfiguration(configuration, ExtensionMetricKind.Gauge, MetricChange.Subtract, id, labels, count, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_set_gauge")]
    private static MetricsResult ConfigSetGauge(nint configuration, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        CallbackGuard.Enter();
        return OnConfiguration(configuration, ExtensionMetricKind.Gauge, MetricChange.Set, id, labels, count, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_record_histogram_value")]
    private static MetricsResult ConfigRecordHistogramValue(nint configuration, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        CallbackGuard.Enter();
        return OnConfiguration(configuration, ExtensionMetricKind.Histogram, MetricChange.Record, id, labels, count, value);
    }

    private static MetricsResult Define(ExtensionMetricKind kind, nint configuration, ModuleBuffer name, ModuleBuffer* labels, nuint count, nuint* id)
    {
        try
        {
            if (ModuleConfiguration.Find(configuration) is not { IsFrozen: false } owner)
            {
                return MetricsResult.Frozen;
            }

            string[] names = new string[checked((int)count)];
            for (int i = 0; i < names.Length; i++)
            {
                names[i] = labels[i].Text;
            }

            if (ModuleMetrics.Families.Define(kind, name.Text, names) is not { } metric)
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

    private static MetricsResult OnStream(nint stream, ExtensionMetricKind kind, MetricChange change, nuint id, ModuleBuffer* labels, nuint count, ulong value)
        => Apply(ModuleFilter.Find(stream)?.Configuration, kind, change, id, labels, count, value);

    private static MetricsResult OnConfiguration(nint configuration, ExtensionMetricKind kind, MetricChange change, nuint id, ModuleBuffer* labels, nuint count, ulong value)
        => Apply(ModuleConfiguration.Find(configuration), kind, change, id, labels, count, value);

    // Labels are written before they are read.
    [SkipLocalsInit]
    private static MetricsResult Apply(
        ModuleConfiguration? owner, ExtensionMetricKind kind, MetricChange change, nuint id, ModuleBuffer* labels, nuint count, ulong value)
    {
        try
        {
            if (owner?.Metric(id) is not { } metric || metric.Kind != kind)
            {
                return MetricsResult.MetricNotFound;
            }

            if ((nuint)metric.Labels.Count != count)
            {
                return MetricsResult.InvalidLabels;
            }

            Span<byte> joined = stackalloc byte[MaxLabelBytes];
            int length = 0;
            for (nuint i = 0; i < count; i++)
            {
                var label = labels[i].Span;
                if (label.Length >= joined.Length - length)
                {
                    return MetricsResult.InvalidLabels;
                }

                label.CopyTo(joined[length..]);
                // The 0 that ends a label must not stand in one.
                joined.Slice(length, label.Length).Replace((byte)0, (byte)'?');
                length += label.Length;
                joined[length++] = 0;
            }

            if (metric.Series(joined[..length]) is not { } series)
            {
                return MetricsResult.Frozen;
            }

            series.Apply(change, value);
            return MetricsResult.Success;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return MetricsResult.MetricNotFound;
        }
    }
}
