namespace Outrider.Net.Buffers;

/// <summary>The free segments of one loop. Not thread-safe: a loop's own.</summary>
internal sealed class SegmentPool
{
    // 4 MiB stay with a loop after a burst; what is over goes to the garbage collector.
    private const int MaxKept = 256;

    // A stack in an array, of structs: to link segments to each other would be to write three references for each that comes and goes, and an array of
    // references asks for the type of whatever is put into it.
    private readonly Place[] _free = new Place[MaxKept];
    private int _kept;

    internal Segment Rent()
    {
        if (_kept == 0)
        {
            return new Segment();
        }

        ref var place = ref _free[--_kept];
        var segment = place.Segment!;
        place.Segment = null;
        segment.Start = segment.End = 0;
        return segment;
    }

    /// <summary>Takes one back, whose <see cref="Segment.Next"/> is itself again.</summary>
    internal void Return(Segment segment)
    {
        if (_kept < MaxKept)
        {
            _free[_kept++].Segment = segment;
        }
    }

    private struct Place
    {
        internal Segment? Segment;
    }
}
