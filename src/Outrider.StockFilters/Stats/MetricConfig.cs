using System.Text.Json.Serialization;
using Outrider.Expressions;
using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.StockFilters.Stats;

/// <summary>Labels of one metric, or of all.</summary>
public sealed class MetricConfig
{
    /// <summary>The metric's name; empty for all.</summary>
    public string Name { get; set; } = "";

    /// <summary>Labels by name: expressions of MOSN's language. A later entry's take the place of an earlier one's.</summary>
    public Dictionary<string, string>? Dimensions { get; set; }

    /// <summary>Labels to leave out.</summary>
    public string[]? TagsToRemove { get; set; }

    /// <summary>An expression that is true of the streams that this is for. Default, and empty: all.</summary>
    public string Match { get; set; } = "";

    [JsonIgnore]
    internal Expression? Condition { get; private set; }

    [JsonIgnore]
    internal IReadOnlyDictionary<string, Expression> Expressions { get; private set; } = new Dictionary<string, Expression>();

    internal void Validate(string path)
    {
        Condition = Match.Length == 0 ? null : StreamMetric.Compile(path + ".match", Match);
        if (Condition is { Kind: not ValueKind.Flag })
        {
            throw new FilterConfigurationException(path + ".match", "wanted an expression that is true or false");
        }

        Expressions = (Dimensions ?? []).ToDictionary(
            one => StreamMetric.IsName(one.Key) ? one.Key : throw new FilterConfigurationException($"{path}.dimensions.{one.Key}", "a label's name has letters, digits and underscores"),
            one => StreamMetric.Compile($"{path}.dimensions.{one.Key}", one.Value));
    }
}
