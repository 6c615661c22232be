using Outrider.Filters;

namespace Outrider.StockFilters.Metadata;

/// <summary>The data centre that this process runs in, as the environment says when the configuration loads.</summary>
[MetadataDriver("IDC", JsonContext = typeof(MetadataJson))]
public sealed class IdcDriver(IdcConfig config) : IMetadataDriver
{
    private readonly MetadataLabel _label = EnvironmentLabel.Read("idc_env_name_list", config.IdcEnvNameList);

    /// <inheritdoc/>
    public MetadataLabel BuildMetadata(RequestHeaders headers, BodyBuffer? body, HeaderMap? trailers) => _label;
}
