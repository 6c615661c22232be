using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Takes both bodies whole, and adds to them who they were.</summary>
[StreamFilter("collect")]
public sealed class CollectFilter : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream) => FilterAction.WaitAllData;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        body.Append(System.Text.Encoding.ASCII.GetBytes($"<in {body.Length}{(trailers is null ? "" : " +t")}>"));
        headers.Set("x-collected", "yes");
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream) => FilterAction.WaitAllData;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeResponseAsync(ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        body.Append(System.Text.Encoding.ASCII.GetBytes($"<out {body.Length}>"));
        headers.Status = 203;
        return FilterAction.Continue;
    }
}
