namespace Outrider.Filters;

/// <summary>
/// A number for each thread that streams live on or are touched from, from 1, which no other thread of the process ever has; small, so that what belongs to a
/// thread can stand in an array. Asked for with each touch of a stream, which is why it is not <see cref="Environment.CurrentManagedThreadId"/>: that is a call into
/// the runtime, and a look at an object of its that is in no cache by then.
/// </summary>
internal static class ThreadMark
{
    [ThreadStatic]
    private static int t_mark;

    private static int s_last;

    /// <summary>The calling thread's.</summary>
    internal static int Current
    {
        get
        {
            int mark = t_mark;
            return mark != 0 ? mark : Make();
        }
    }

    private static int Make() => t_mark = Interlocked.Increment(ref s_last);
}
