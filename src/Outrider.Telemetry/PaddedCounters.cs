namespace Outrider.Telemetry;

/// <summary>
/// Counters that one loop writes, kept off the cache lines of whatever lies beside them on the heap. The runtime lays a base
/// class's fields out first and fields of structure types last, so this pad stands before the counters of a class derived from it;
/// that class declares another one as its last field.
/// </summary>
internal abstract class PaddedCounters
{
#pragma warning disable CS0169 // Nobody reads it; it only takes up space.
    private readonly CacheLinePad _before;
#pragma warning restore CS0169
}
