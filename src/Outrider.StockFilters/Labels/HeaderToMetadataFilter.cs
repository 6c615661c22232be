using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Labels;

/// <summary>Makes labels of headers, by which a subset of the cluster's hosts is chosen: MOSN's <c>pkg/filter/stream/headertometadata</c>.</summary>
[StreamFilter("header_to_metadata", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(LabelsJson))]
public sealed class HeaderToMetadataFilter(HeaderToMetadataConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        for (int i = 0; i < config.RequestRules?.Length; i++)
        {
            var rule = config.RequestRules[i];
            if (headers.TryGetValue(rule.Name, out var value))
            {
                if (rule.OnHeaderPresent is { } present)
                {
                    Set(present, present.Value.Length > 0 ? present.Value : Encoding.Latin1.GetString(value));
                }

                if (rule.Remove)
                {
                    _ = headers.Remove(rule.Name);
                }
            }
            else if (rule.OnHeaderMissing is { } missing)
            {
                Set(missing, missing.Value);
            }
        }

        return FilterAction.Continue;
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;

    private void Set(LabelConfig label, string value)
    {
        if (label.MetadataNamespace.Length > 0)
        {
            Stream.Metadata.Set(label.MetadataNamespace, label.Key!, value);
            return;
        }

        Stream.Metadata.Set("mosn.lb", label.Key!, value);
        Stream.Metadata.Set("envoy.lb", label.Key!, value);
    }
}
