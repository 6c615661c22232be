using System.Runtime.InteropServices;

namespace Outrider.Upstream.Breakers;

/// <summary>How many of something there are on all loops together. It has cache lines of its own, two on either side, as processors fetch them in pairs.</summary>
internal sealed class SharedCount
{
    private Padded _padded;

    [StructLayout(LayoutKind.Explicit, Size = 264)]
    private struct Padded
    {
        [FieldOffset(128)]
        public long Value;
    }

    /// <summary>As of now. Any thread.</summary>
    public long Value => Volatile.Read(ref _padded.Value);

    /// <summary>Counts one more, if there are fewer than that. Any thread.</summary>
    public bool TryAdd(long limit)
    {
        // First a look, which every core may take at the same time: beyond the limit nobody writes.
        if (Volatile.Read(ref _padded.Value) >= limit)
        {
            return false;
        }

        if (Interlocked.Increment(ref _padded.Value) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _padded.Value);
        return false;
    }

    /// <summary>Counts one more, however many there are. Any thread.</summary>
    public void Add() => Interlocked.Increment(ref _padded.Value);

    /// <summary>Counts one less. Any thread.</summary>
    public void Remove() => Interlocked.Decrement(ref _padded.Value);
}
