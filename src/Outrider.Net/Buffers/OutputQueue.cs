using System.Runtime.InteropServices;
using Outrider.Net.Interop;

namespace Outrider.Net;

/// <summary>
/// What one connection has written and the kernel has not taken: segments of its loop, in order. They belong to the queue
/// until they are given back to the pool that every call names, always the loop's. A field of the connection; never copied.
/// </summary>
internal unsafe struct OutputQueue
{
    private Segment? _head;
    private Segment? _tail;

    /// <summary>Is there no segment, not even one that <see cref="GetSpan"/> gave and nobody has filled?</summary>
    internal readonly bool IsEmpty => _head is null;

    /// <summary>Bytes that wait. Counted each time.</summary>
    internal readonly int Length
    {
        get
        {
            int sum = 0;
            for (var s = _head; s is not null; s = s.Next)
            {
                sum += s.Length;
            }

            return sum;
        }
    }

    /// <summary>The free end of the queue, at least <paramref name="size"/> bytes. <see cref="Advance"/> says how much was used.</summary>
    internal Span<byte> GetSpan(int size, SegmentPool segments)
    {
        if (_tail is null || _tail.Free < size)
        {
            AddSegment(segments);
        }

        return _tail!.Bytes.AsSpan(_tail.End);
    }

    internal readonly void Advance(int count) => _tail!.End += count;

    /// <summary>Copies <paramref name="data"/> behind what waits.</summary>
    internal void Append(ReadOnlySpan<byte> data, SegmentPool segments)
    {
        while (!data.IsEmpty)
        {
            if (_tail is null || _tail.Free == 0)
            {
                AddSegment(segments);
            }

            int count = Math.Min(_tail!.Free, data.Length);
            data[..count].CopyTo(_tail.Bytes.AsSpan(_tail.End));
            _tail.End += count;
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
        for (var segment = _head; segment is not null && count < most; segment = segment.Next)
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

    /// <summary>Takes sent bytes off the queue; returns how many of them were not from the queue.</summary>
    internal nint Consume(nint sent, SegmentPool segments)
    {
        while (_head is not null && sent >= _head.Length)
        {
            var done = _head;
            sent -= done.Length;
            _head = done.Next;
            segments.Return(done);
        }

        if (_head is null)
        {
            _tail = null;
            return sent;
        }

        _head.Start += (int)sent;
        return 0;
    }

    /// <summary>Forgets what waits.</summary>
    internal void Drop(SegmentPool segments)
    {
        while (_head is not null)
        {
            var next = _head.Next;
            segments.Return(_head);
            _head = next;
        }

        _tail = null;
    }

    private void AddSegment(SegmentPool segments)
    {
        var segment = segments.Rent();
        if (_tail is null)
        {
            _head = segment;
        }
        else
        {
            _tail.Next = segment;
        }

        _tail = segment;
    }
}
