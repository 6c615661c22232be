using Outrider.Filters;

namespace Outrider.StockFilters.Metadata;

/// <summary>MOSN's: <c>{ "metadataers": [ { "meta_data_key": "UNIT", "config": { "unit_key": "uid" } } ] }</c>.</summary>
public sealed class MetadataConfig : IMetadataDriverUser, IMetricsUser, IDisposable
{
    /// <summary>Lets every request pass untouched. Default false.</summary>
    public bool Disable { get; set; }

    /// <summary>Leaves labels and the header's name as they are; otherwise both are in lower case. Default false.</summary>
    public bool CaseSensitive { get; set; }

    /// <summary>What makes labels, in their order. Default: nothing.</summary>
    public MetadataerConfig[]? Metadataers { get; set; }

    /// <summary>The entries, ready for use.</summary>
    internal IReadOnlyList<Metadataer> Uses { get; private set; } = [];

    /// <summary>Does one of the drivers look at bodies?</summary>
    internal bool NeedsBody { get; private set; }

    /// <summary>How often which driver could not tell.</summary>
    internal FilterCounter Failures { get; private set; } = null!;

    /// <inheritdoc/>
    public void CreateDrivers(MetadataDriverRegistry drivers, string baseDirectory)
    {
        Uses = [.. (Metadataers ?? []).Select((entry, i) => Metadataer.Create(entry, $"$.metadataers[{i}]", CaseSensitive, drivers, baseDirectory))];
        NeedsBody = Uses.Any(use => use.Driver.NeedsBody);
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Failures = metrics.CreateCounter("metadata_failures", "driver");
    }

    /// <summary>Disposes the drivers that are disposable, once no stream uses them.</summary>
    public void Dispose()
    {
        foreach (var use in Uses)
        {
            (use.Driver as IDisposable)?.Dispose();
        }
    }
}
