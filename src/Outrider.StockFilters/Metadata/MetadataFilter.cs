using Outrider.Filters;

namespace Outrider.StockFilters.Metadata;

/// <summary>
/// Gives a request labels that decide where it goes, as MOSN on Envoy does: drivers make them; they go into the stream's metadata in
/// <c>mosn.lb</c> and <c>envoy.lb</c>, by which a route's subset is chosen, and into a header for the upstream.
/// </summary>
[StreamFilter("metadata", Phase = ReceiverPhase.BeforeRoute, JsonContext = typeof(MetadataJson))]
public sealed class MetadataFilter(MetadataConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (config.Disable)
        {
            return FilterAction.Continue;
        }

        for (int i = 0; i < config.Uses.Count; i++)
        {
            // A client does not choose for itself.
            _ = headers.Remove(config.Uses[i].Header);
        }

        if (config.NeedsBody && !endStream)
        {
            return FilterAction.WaitAllData;
        }

        LabelRequest(headers, null, null);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        LabelRequest(headers, body, trailers);
        return FilterAction.Continue;
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;

    private void LabelRequest(RequestHeaders headers, BodyBuffer? body, HeaderMap? trailers)
    {
        for (int i = 0; i < config.Uses.Count; i++)
        {
            var use = config.Uses[i];
            string? error;
            try
            {
                error = Label(use, use.Driver.BuildMetadata(headers, body, trailers), headers);
            }
            catch (Exception e)
            {
                // A driver's mistake costs the request its label, and nothing else; MOSN recovers from it in the same place.
                error = $"{e.GetType().Name}: {e.Message}";
            }

            if (error is not null)
            {
                config.Failures.Add(1, use.Name);
                Stream.Log.Warn($"no label of {use.Name}: {error.ReplaceLineEndings(" ")}");
            }
        }
    }

    private string? Label(Metadataer use, MetadataLabel made, RequestHeaders headers)
    {
        if (made.Text is { } text)
        {
            string label = use.Cased(text);
            if (use.SetsHeader)
            {
                headers.Set(use.Header, label);
            }

            Stream.Metadata.Set("mosn.lb", use.Key, label);
            Stream.Metadata.Set("envoy.lb", use.Key, label);
        }

        return made.Error;
    }
}
