using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>
/// Counters, gauges and histograms. They are made while a configuration loads. Envoy 1.40 changes them through the
/// configuration, from any thread; older ones through a stream alone, on its worker.
/// </summary>
internal static unsafe class MetricCallbacks
{
    internal static nuint Define(nint configuration, string kind, ReadOnlySpan<byte> name, ReadOnlySpan<ModuleBuffer> labels)
    {
        var define = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer*, nuint, nuint*, MetricsResult>)Callback.Find("http_filter_config_define_" + kind);
        nuint id = 0;
        fixed (byte* bytes = name)
        fixed (ModuleBuffer* names = labels)
        {
            var result = define(configuration, new(bytes, (nuint)name.Length), names, (nuint)labels.Length, &id);
            return result == MetricsResult.Success ? id : throw new InvalidOperationException($"the metric '{System.Text.Encoding.UTF8.GetString(name)}' cannot be made: {result}");
        }
    }

    /// <summary>Finds what changes a metric: <c>increment_counter</c>, <c>set_gauge</c> and so on.</summary>
    internal static delegate* unmanaged<nint, nuint, ModuleBuffer*, nuint, ulong, MetricsResult> FindChange(string change, bool ofStream)
        => (delegate* unmanaged<nint, nuint, ModuleBuffer*, nuint, ulong, MetricsResult>)Callback.Find((ofStream ? "http_filter_" : "http_filter_config_") + change);
}
