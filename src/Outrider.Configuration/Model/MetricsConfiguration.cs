namespace Outrider.Configuration.Model;

/// <summary>Which metrics are told, and where (<c>metrics</c>).</summary>
internal sealed record MetricsConfiguration
{
    /// <summary>The object as it was written; two with the same text mean the same. Empty for none.</summary>
    public string Text { get; init; } = "";

    /// <summary>None are told (<c>stats_matcher.reject_all</c>). Default false.</summary>
    public bool RejectAll { get; init; }

    /// <summary>Labels of which those that bear one are not told (<c>exclusion_labels</c>).</summary>
    public IReadOnlyList<string> ExcludedLabels { get; init; } = [];

    /// <summary>Names, in MOSN's form, that are not told (<c>exclusion_keys</c>).</summary>
    public IReadOnlyList<string> ExcludedKeys { get; init; } = [];

    /// <summary>Where they are told.</summary>
    public IReadOnlyList<MetricsSinkConfiguration> Sinks { get; init; } = [];
}
