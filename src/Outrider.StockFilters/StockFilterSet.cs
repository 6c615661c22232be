using Outrider.Filters;
using Outrider.StockFilters.Metadata;

namespace Outrider.StockFilters;

/// <summary>The filters that come with Outrider, on every base. A test holds this list to the classes' attributes.</summary>
public static class StockFilterSet
{
    /// <summary>Registers them, and their drivers.</summary>
    /// <exception cref="ArgumentException">A name is taken.</exception>
    public static void Register(StreamFilterRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        registry.Add("metadata", MetadataJson.Default.MetadataConfig, config => new MetadataFilter(config));
        registry.MetadataDrivers.Add("UNIT", MetadataJson.Default.UnitConfig, config => new UnitDriver(config));
        registry.MetadataDrivers.Add("IDC", MetadataJson.Default.IdcConfig, config => new IdcDriver(config));
        registry.MetadataDrivers.Add("ZONE", MetadataJson.Default.ZoneConfig, config => new ZoneDriver(config));
    }
}
