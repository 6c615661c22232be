namespace Outrider.Plugins.Modules;

/// <summary>What a metric is.</summary>
internal enum ModuleMetricKind
{
    Counter,
    Gauge,
    Histogram,
}
