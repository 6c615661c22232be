using System.Globalization;
using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Looks at everything that passes, as a filter that wants no garbage does it, and tells at <c>/bytes</c> how much this thread has allocated.</summary>
[StreamFilter("frugal")]
public sealed class FrugalFilter : StreamFilter
{
    private static readonly FilterAction s_denied = FilterAction.Reply(403, "missing token");
    private long _seen;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (headers.Path.SequenceEqual("/bytes"u8))
        {
            return Reply(200, GC.GetAllocatedBytesForCurrentThread().ToString(CultureInfo.InvariantCulture));
        }

        if (!headers.TryGetValue("x-token"u8, out var token))
        {
            return s_denied;
        }

        headers.Set("x-seen"u8, token);
        headers.Append("x-more"u8, "1"u8);
        headers.Remove("x-token"u8);
        foreach (var field in headers)
        {
            _seen += field.Value.Length;
        }

        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream)
    {
        for (int i = 0; i < data.SliceCount; i++)
        {
            _seen += data.GetSlice(i).Length;
        }

        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        headers.Set("x-out"u8, "outrider"u8);
        return headers.Status == 200 ? FilterAction.WaitAllData : FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeResponseAsync(ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        body.Append("!"u8);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override void OnLog() => _seen += Stream.ResponseCode + Stream.BytesSent;

    /// <inheritdoc/>
    public override bool TryReset()
    {
        _seen = 0;
        return true;
    }
}
