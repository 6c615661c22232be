using Outrider.Filters;

namespace Outrider.Samples.NginxUidRouting;

/// <summary>Gives a request labels that decide where it goes: stream metadata in <c>mosn.lb</c> and <c>envoy.lb</c>, and MOSN's header.</summary>
[StreamFilter("metadata", JsonContext = typeof(MetadataJson))]
public sealed class MetadataFilter(MetadataConfig config) : StreamFilter
{
    private static readonly string[] s_namespaces = ["mosn.lb", "envoy.lb"];

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        foreach (var one in config.Disable ? [] : config.Metadataers)
        {
            // A client does not choose for itself.
            _ = headers.Remove(one.Header);
            if (Build(one, headers) is { } label)
            {
                headers.Set(one.Header, label);
                foreach (string ns in s_namespaces)
                {
                    Stream.Metadata.Set(ns, one.Label, label);
                }
            }
        }

        return FilterAction.Continue;
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;

    private string? Build(MetadataerConfig one, RequestHeaders headers)
    {
        try
        {
            return one.Driver.BuildMetadata(headers);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            Stream.Log.Warn($"no label of {one.MetaDataKey}: {e.Message}");
            return null;
        }
    }
}
