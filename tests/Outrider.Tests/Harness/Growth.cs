namespace Outrider.Tests.Harness;

/// <summary>Measures of a whole process, in which what it took once, and what others of it did meanwhile, are counted too.</summary>
internal static class Growth
{
    /// <summary>The least that a round added, which is over the limit only where each was: what grows for another reason than the one that is looked at does not do so in each.</summary>
    /// <param name="rounds">How many there are at most; none follows one that was within the limit.</param>
    /// <param name="most">The limit.</param>
    /// <param name="measure">A round, and how much more there is after it.</param>
    internal static async Task<long> LeastAsync(int rounds, long most, Func<Task<long>> measure)
    {
        long least = long.MaxValue;
        for (int round = 0; round < rounds && least > most; round++)
        {
            least = Math.Min(least, await measure());
        }

        return least;
    }
}
