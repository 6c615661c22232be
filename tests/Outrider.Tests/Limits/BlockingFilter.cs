using Outrider.Filters;

namespace Outrider.Tests.Limits;

/// <summary>A filter that does what no filter may: it blocks its loop, for requests with <c>x-block: yes</c>, until it is let go.</summary>
internal sealed class BlockingFilter(ManualResetEventSlim go, CountdownEvent? blocked = null) : StreamFilter
{
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (headers.Has("x-block"u8, "yes"u8))
        {
            blocked?.Signal();
            go.Wait();
        }

        return Reply(200, "ok");
    }
}
