using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Makes garbage at each request and collects at every tenth; with <c>x-fault</c> it makes a mistake that the processor reports, and catches it.</summary>
[StreamFilter("test-collecting")]
public sealed class CollectingFilter : StreamFilter
{
    private static int s_count;
    private static volatile string? s_nothing = Environment.GetEnvironmentVariable("OUTRIDER_NEVER_SET");
    private static volatile int s_zero = "".Length;

    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        GC.KeepAlive(new byte[20_000]);
        if (Interlocked.Increment(ref s_count) % 10 == 0)
        {
            GC.Collect();
        }

        if (headers.GetString("x-fault") is { } fault)
        {
            headers.Set("x-caught", Fault(fault));
        }

        return FilterAction.Continue;
    }

    private static string Fault(string kind)
    {
        try
        {
            return kind == "null" ? $"{s_nothing!.Length}" : $"{1 / s_zero}";
        }
        catch (Exception e) when (e is NullReferenceException or DivideByZeroException)
        {
            return e.GetType().Name;
        }
    }
}
