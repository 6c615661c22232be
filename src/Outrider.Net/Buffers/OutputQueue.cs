using System.Runtime.InteropServices;
using Outrider.Net.Interop;

namespace Outrider.Net.Buffers;

/// <summary>
/// What one connection has written and the kernel has not taken: segments of its loop, in order. They belong to the queue
/// until they are given back to the pool that every call names, always the loop's. A field of the connection; never copied.
/// </summary>
internal unsafe struct OutputQueue
{
    // The last segment; its Next is the first. One reference instead of two counts where thousands of connections rest.
    private Segment? _last;

    /// <summary>Is there no segment, not even one that <see cref="GetSpan"/> gave and nobody has filled?</summary>
    internal readonly bool IsEmpty => _last is null;

    /// <summary>Bytes that wait. Counted each time.</summary>
    internal readonly int Length
    {
        get
        {
            int sum = 0;
            var segment = _last;
            while (segment is not null)
            {
                segment = segment.Next;
                sum += segment.Length;
                if (segment == _last)
                {
                    break;
                }
            }

            return sum;
        }
    }

    /// <summary>The free end of the queue, at least <paramref name="size"/> bytes. <see cref="Advance"/> says how much was used.</summary>
    internal Span<byte> GetSpan(int size, SegmentPool segments)
    {
        if (_last is null || _last.Free < size)
        {
            AddSegment(segments);
        }

        return _last!.Bytes.AsSpan(_last.End);
    }

    internal readonly void Advance(int count) => _last!.End += count;

    /// <summary>Copies <paramref name="data"/> behind what waits.</summary>
    internal void Append(ReadOnlySpan<byte> data, SegmentPool segments)
    {
        while (!data.IsEmpty)
        {
            if (_last is null || _last.Free == 0)
            {
                AddSegment(segments);
            }

            int count = Math.Min(_last!.Free, data.Length);
            data[..count].CopyTo(_last.Bytes.AsSpan(_last.End));
            _last.End += count;
            data = data[count..];
        }
    }

    /// <summary>
    /// Points <paramref name="vectors"/>, at most <paramref name="most"/>, to what waits, until the queue changes. Returns how
    /// many it took, for <paramref name="length"/> bytes.
    /// </summary>
    internal readonly int Gather(IoVector* vectors, int most, out nint length)
    {
        int count = 0;
        nint sum = 0;
        for (var segment = _last?.Next; segment is not null && count < most; segment = segment == _last ? null : segment.Next)
        {
            // Pinned when it was allocated, so its address is good without a pin of its own.
            vectors[count].Base = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(segment.Bytes, segment.Start);
            vectors[count].Length = segment.Length;
            sum += segment.Length;
            count++;
        }

        length = sum;
        return count;
    }

    /// <summary>Where what waits lies, if it is in one segment, until the queue changes. False: it is in several, or nothing waits.</summary>
    internal readonly bool TryGetOnly(out byte* start, out int length)
    {
        var segment = _last;
        if (segment is null || segment.Next != segment || segment.Length == 0)
        {
            start = null;
            length = 0;
            return false;
        }

        start = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(segment.Bytes, segment.Start);
        length = segment.Length;
        return true;
    }

    /// <summary>Takes sent bytes off the queue; returns how many of them were not from the queue.</summary>
    internal nint Consume(nint sent, SegmentPool segments)
    {
        while (_last is { } last)
        {
            var first = last.Next;
            if (sent < first.Length)
            {
                first.Start += (int)sent;
                return 0;
            }

            sent -= first.Length;
            RemoveFirst(last, first, segments);
        }

        return sent;
    }

    /// <summary>Forgets what waits.</summary>
    internal void Drop(SegmentPool segments)
    {
        while (_last is { } last)
        {
            RemoveFirst(last, last.Next, segments);
        }
    }

    private void AddSegment(SegmentPool segments)
    {
        var segment = segments.Rent();
        if (_last is not null)
        {
            segment.Next = _last.Next;
            _last.Next = segment;
        }

        _last = segment;
    }

    private void RemoveFirst(Segment last, Segment first, SegmentPool segments)
    {
        if (first == last)
        {
            _last = null;
        }
        else
        {
            last.Next = first.Next;
            first.Next = first;
        }

        segments.Return(first);
    }
}
