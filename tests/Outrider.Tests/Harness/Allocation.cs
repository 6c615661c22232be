namespace Outrider.Tests.Harness;

/// <summary>Counts what an action allocates on the thread that runs it.</summary>
internal static class Allocation
{
    private const int WarmUps = 200;
    private const int Times = 10_000;

    /// <summary>
    /// Fails when the action allocates in steady state. What is compiled in tiers, built lazily or rented for the first time
    /// may allocate once, and not before the first runs are over: the least of several counts is what is looked at.
    /// </summary>
    internal static void AssertNone(Action action)
    {
        for (int i = 0; i < WarmUps; i++)
        {
            action();
        }

        long least = long.MaxValue;
        for (int run = 0; run < 5 && least > 0; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Times; i++)
            {
                action();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
