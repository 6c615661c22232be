using Outrider.Filters;

namespace Outrider.Samples.EnvoyMetadata;

/// <summary>Says as metadata which version of the service a request wants; the cluster's subsets do the rest.</summary>
[StreamFilter("version", JsonContext = typeof(VersionJson))]
public sealed class VersionFilter(VersionConfig config) : StreamFilter
{
    // Where Envoy's router looks for what decides on the subset.
    private const string Namespace = "envoy.lb";

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        Stream.Metadata.Set(Namespace, "version", headers.GetString(config.Header) ?? config.Default);
        return FilterAction.Continue;
    }
}
