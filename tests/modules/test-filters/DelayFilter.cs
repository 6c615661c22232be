using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Waits, and then touches headers: <c>x-delay</c> says how many milliseconds on the way in, <c>x-delay-out</c> on the way out.</summary>
[StreamFilter("delay")]
public sealed class DelayFilter : StreamFilter
{
    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        int thread = Environment.CurrentManagedThreadId;
        await WaitAsync(headers.GetString("x-delay"));
        headers.Set("x-waited", Environment.CurrentManagedThreadId == thread ? "same-thread" : "other-thread");
        return headers.Contains("x-collect"u8) ? FilterAction.WaitAllData : FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        await WaitAsync(headers.GetString("x-delay"));
        body.Replace(body.ToString().ToUpperInvariant() + "!");
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        await WaitAsync(Stream.RequestHeaders.GetString("x-delay-out"));
        headers.Set("x-waited-out", "yes");
        return FilterAction.Continue;
    }

    private Task WaitAsync(string? milliseconds) => milliseconds is null ? Task.CompletedTask : Task.Delay(int.Parse(milliseconds, null), Stream.Aborted);
}
