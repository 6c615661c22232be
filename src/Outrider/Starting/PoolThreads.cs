namespace Outrider.Starting;

/// <summary>
/// Lets the thread pool have the threads that it would make by and by: a new one needs descriptors, and a process that has none for
/// it ends. <c>ThreadsToKeepAlive</c> (outrider.csproj) keeps as many from ending again.
/// </summary>
internal static class PoolThreads
{
    // What the pool makes without waiting; more it makes one after the other, twice a second.
    internal static readonly int Count = Math.Max(4, Environment.ProcessorCount);

    // On a busy machine some may come later; then they do.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Makes them. Ends on one of them, so that the caller's thread counts, too.</summary>
    internal static async Task StartAsync()
    {
        ThreadPool.GetMinThreads(out int workers, out int ports);
        _ = ThreadPool.SetMinThreads(Math.Max(workers, Count), ports);
        var here = new CountdownEvent(Count);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => Task.Run(() => Meet(here)))).ConfigureAwait(false);
    }

    // Each holds its thread until there is one for all of them.
    private static void Meet(CountdownEvent here)
    {
        _ = here.Signal();
        _ = here.Wait(s_patience);
    }
}
