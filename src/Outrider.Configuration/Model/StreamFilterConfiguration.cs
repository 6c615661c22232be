using Outrider.Configuration.Problems;
using Outrider.Filters;

namespace Outrider.Configuration.Model;

/// <summary>One entry of <c>stream_filters</c>. What its <c>config</c> means, the filter alone knows.</summary>
internal sealed record StreamFilterConfiguration
{
    /// <summary>The name that the filter is registered under.</summary>
    public required string Type { get; init; }

    /// <summary>The entry itself.</summary>
    public required ExtensionValue Entry { get; init; }

    /// <summary>The entry's <c>config</c>: an object, or whatever a library wants; null when it has none.</summary>
    public ExtensionValue? ConfigValue { get; init; }

    /// <summary>The JSON of <see cref="ConfigValue"/>; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Config => ConfigValue?.Json ?? default;

    /// <summary>Where the entry stands: <c>servers[0].listeners[0].stream_filters[0]</c>.</summary>
    public string JsonPath => Entry.Origin.Path;

    /// <summary>Line and column of the entry, from 1.</summary>
    public (int Line, int Column) Position => Entry.Origin.Position;

    /// <summary>What a filter's creator is given.</summary>
    public FilterConfiguration ToFilterConfiguration(IPluginRegistry plugins, FilterMetrics metrics, Action<ConfigurationProblem>? warn = null)
        => new(Type, Config, Entry.Origin.Folder, Entry.Json)
        {
            HasHosts = true,
            OnExcused = warn is null ? null : (path, message) => warn(FilterProblem.Of((ConfigValue ?? Entry).Origin, path, message) with { IsExcused = true }),
            Plugins = plugins,
            Metrics = metrics,
        };

    /// <summary>A problem with the type, such as a name that nothing is registered under.</summary>
    public ConfigurationProblem TypeProblem(string message) => Entry.Origin.At("type").Problem(message);

    /// <summary>The problem that a creator found in the <c>config</c>.</summary>
    public ConfigurationProblem ConfigProblem(FilterConfigurationException exception)
    {
        var start = (exception.IsInEntry ? Entry : ConfigValue ?? Entry).Origin;
        return ConfigValue is null && !exception.IsInEntry
            ? start.At(exception.Path).Problem(exception.Message)
            : FilterProblem.Of(start, exception.Path, exception.Message);
    }
}
