using System.Buffers.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Limits;

/// <summary>
/// Answers requests whose body is too large: MOSN's <c>pkg/filter/stream/payloadlimit</c>. A <c>content-length</c> tells before the body comes; otherwise
/// the bytes are counted as they pass, and the request to the upstream is broken off when there are too many.
/// </summary>
[StreamFilter("payload_limit", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(LimitsJson))]
public sealed class PayloadLimitFilter(PayloadLimitConfig config) : StreamFilter
{
    private long _count;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        var limit = Stream.ConfigurationOr(config);
        return limit.Limit > 0 && headers.TryGetValue("content-length"u8, out var text) && Utf8Parser.TryParse(text, out long length, out int read) && read == text.Length
            && length > limit.Limit
            ? Reply(limit.TooLarge)
            : FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream)
    {
        _count += data.Length;
        var limit = Stream.ConfigurationOr(config);
        return limit.Limit > 0 && _count > limit.Limit ? Reply(limit.TooLarge) : FilterAction.Continue;
    }

    /// <summary>True: the field is as new.</summary>
    public override bool TryReset()
    {
        _count = 0;
        return true;
    }
}
