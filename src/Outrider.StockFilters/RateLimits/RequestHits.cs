using System.Globalization;
using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>How much a request counts.</summary>
internal static class RequestHits
{
    private const string Namespace = "envoy.ratelimit", Key = "hits_addend";

    /// <summary>What a filter before this one has said in the stream's metadata, as a number or as text; 0 for nothing, which the service counts as one.</summary>
    internal static uint Of(StreamContext stream)
    {
        var metadata = stream.Metadata;
        if (metadata.GetNumber(Namespace, Key) is { } number)
        {
            return number is >= 0 and <= uint.MaxValue ? (uint)number : 0;
        }

        return uint.TryParse(metadata.GetText(Namespace, Key), NumberStyles.None, CultureInfo.InvariantCulture, out uint hits) ? hits : 0;
    }
}
