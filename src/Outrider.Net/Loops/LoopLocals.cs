namespace Outrider.Net.Loops;

/// <summary>The places of all <see cref="LoopLocal{T}"/>.</summary>
internal static class LoopLocals
{
    private static int s_count;

    /// <summary>A place that no other has. Any thread.</summary>
    internal static int Take() => Interlocked.Increment(ref s_count) - 1;
}
