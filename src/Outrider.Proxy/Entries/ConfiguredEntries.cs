using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Telemetry.Extensions;

namespace Outrider.Proxy.Entries;

/// <summary>What is made from an entry of the configuration, and with what.</summary>
internal static class ConfiguredEntries
{
    /// <summary>What is made from the entry by this code.</summary>
    internal static EntryOrigin ToOrigin(this StreamFilterConfiguration entry, object maker, RegisteredParts? parts = null)
        => new(maker, parts ?? RegisteredParts.None, entry.Type, entry.Entry.Origin.Folder, entry.Entry.Json);

    /// <summary>What the entry's creator is given here.</summary>
    internal static FilterConfiguration ToFilterConfiguration(this StreamFilterConfiguration entry, IPluginRegistry plugins, Action<ConfigurationProblem>? warn = null)
        => entry.ToFilterConfiguration(plugins, new NativeFilterMetrics(entry.Type), warn);
}
