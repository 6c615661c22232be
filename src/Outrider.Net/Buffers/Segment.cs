namespace Outrider.Net.Buffers;

/// <summary>
/// A piece of memory of one loop, borrowed while bytes are in flight. It belongs to whoever rented it until it is returned
/// to the same loop's <see cref="SegmentPool"/>; only that loop's thread touches it.
/// </summary>
internal sealed class Segment
{
    /// <summary>16 KiB: a response head and a small body fit in one, a 64 KiB read takes four.</summary>
    internal const int Size = 16 * 1024;

    // Pinned, so that its address can be given to the kernel without a handle each time.
    internal readonly byte[] Bytes = GC.AllocateUninitializedArray<byte>(Size, pinned: true);
    internal int Start;
    internal int End;

    // In a queue the one behind it, of the last the first; itself where it is alone or in no queue, so that nothing has to be written for one that comes and goes alone.
    internal Segment Next;

    internal Segment() => Next = this;

    internal int Length => End - Start;

    internal int Free => Size - End;

    internal ReadOnlySpan<byte> Span => Bytes.AsSpan(Start, End - Start);
}
