using Outrider.Telemetry.Extensions;

namespace Outrider.Plugins.Modules.Configurations;

/// <summary>All metrics of all modules: they are of the process, as modules are. Any thread.</summary>
internal static class ModuleMetrics
{
    internal static ExtensionMetricFamilies Families { get; } = new("outrider_module_", "module");
}
