using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Says of its stream's span what it knows, and begins spans within it: one that it ends, one that it forgets.</summary>
[StreamFilter("span")]
public sealed class SpanFilter : StreamFilter
{
    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (Stream.Span is not { } span)
        {
            headers.Set("x-span", "none");
            return FilterAction.Continue;
        }

        span.SetTag("outrider.test", "tagged");
        span.SetOperation("named by a filter");
        span.Log("seen");
        headers.Set("x-span", $"{span.TraceId} {span.SpanId} {ReferenceEquals(span, Stream.Span)}");
        using (var work = span.StartChild("work"))
        {
            work.SetTag("kind", "child");
            await Task.Yield();
            using var inner = work.StartChild("inner");
            inner.SetTag("kind", "grandchild");
        }

        _ = span.StartChild("forgotten");
        span.Dispose();
        span.SetTag("outrider.after", "still there");
        return FilterAction.Continue;
    }
}
