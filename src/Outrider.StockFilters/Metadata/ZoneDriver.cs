using Outrider.Filters;

namespace Outrider.StockFilters.Metadata;

/// <summary>The zone that this process runs in, as the environment says when the configuration loads.</summary>
[MetadataDriver("ZONE", JsonContext = typeof(MetadataJson))]
public sealed class ZoneDriver(ZoneConfig config) : IMetadataDriver
{
    private readonly MetadataLabel _label = EnvironmentLabel.Read("zone_env_name_list", config.ZoneEnvNameList);

    /// <inheritdoc/>
    public MetadataLabel BuildMetadata(RequestHeaders headers, BodyBuffer? body, HeaderMap? trailers) => _label;
}
