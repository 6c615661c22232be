namespace Outrider.Envoy.Streams;

/// <summary>Small numbers for the threads that streams live on, so that what belongs to one can stand in an array.</summary>
internal static class WorkerThread
{
    [ThreadStatic]
    private static int t_number;

    private static int s_last;

    /// <summary>This thread's number, from 1.</summary>
    internal static int Number => t_number != 0 ? t_number : t_number = Interlocked.Increment(ref s_last);
}
