using Outrider.Filters;

namespace Outrider.Tests.StockFilters;

/// <summary>Labels a request by its body and its trailer, or throws.</summary>
[MetadataDriver("BODY")]
public sealed class BodyDriver(BodyDriver.Settings settings) : IMetadataDriver
{
    /// <inheritdoc/>
    public bool NeedsBody => true;

    /// <inheritdoc/>
    public MetadataLabel BuildMetadata(RequestHeaders headers, BodyBuffer? body, HeaderMap? trailers) => body?.ToString() switch
    {
        "throw" => throw new InvalidOperationException("as told\nin two lines"),
        null => MetadataLabel.Of(settings.Prefix + "-None"),
        var text => MetadataLabel.Of($"{settings.Prefix}-{text}-{trailers?.GetString("x-end")}"),
    };

    /// <summary>What it is told.</summary>
    public sealed class Settings
    {
        /// <summary>What labels begin with.</summary>
        public string Prefix { get; set; } = "P";
    }
}
