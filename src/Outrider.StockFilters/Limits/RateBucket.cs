namespace Outrider.StockFilters.Limits;

/// <summary>
/// A token bucket in one number: the moment at which it will be full again (the generic cell rate algorithm, ITU-T I.371). Any thread, without a lock; the
/// number is the caller's, 0 for a full bucket.
/// </summary>
/// <param name="burst">Tokens of a full bucket.</param>
/// <param name="perToken">Ticks (100 ns) until another token is there.</param>
internal readonly struct RateBucket(long burst, long perToken)
{
    /// <summary>Tokens of a full bucket.</summary>
    internal long Burst => burst;

    /// <summary>Takes a token.</summary>
    /// <param name="fullAt">When the bucket will be full.</param>
    /// <param name="now">Ticks of a clock that does not go back; more than 0.</param>
    /// <param name="left">Tokens that are left.</param>
    /// <param name="wait">Ticks until the next token where there is none, and until the bucket is full where there was one.</param>
    /// <returns>False when there is none.</returns>
    internal bool TryTake(ref long fullAt, long now, out long left, out long wait)
    {
        while (true)
        {
            long seen = Volatile.Read(ref fullAt);
            long next = Math.Max(seen, now) + perToken;
            long debt = next - now;
            if (debt > burst * perToken)
            {
                left = 0;
                wait = debt - (burst * perToken);
                return false;
            }

            if (Interlocked.CompareExchange(ref fullAt, next, seen) == seen)
            {
                left = burst - ((debt + perToken - 1) / perToken);
                wait = debt;
                return true;
            }
        }
    }
}
