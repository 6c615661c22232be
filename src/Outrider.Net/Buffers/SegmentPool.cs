namespace Outrider.Net.Buffers;

/// <summary>The free segments of one loop. Not thread-safe: a loop's own.</summary>
internal sealed class SegmentPool
{
    // 4 MiB stay with a loop after a burst; what is over goes to the garbage collector.
    private const int MaxKept = 256;

    private Segment? _free;
    private int _kept;

    internal Segment Rent()
    {
        var segment = _free;
        if (segment is null)
        {
            return new Segment();
        }

        _free = segment.Next;
        _kept--;
        segment.Next = null;
        segment.Start = segment.End = 0;
        return segment;
    }

    internal void Return(Segment segment)
    {
        if (_kept >= MaxKept)
        {
            return;
        }

        segment.Next = _free;
        _free = segment;
        _kept++;
    }
}
