using System.Buffers;

namespace Outrider.Net.Buffers;

/// <summary>
/// Input that its receiver left and gets again before anything newer: an array of the shared pool, held only while it is
/// needed. A field of whoever keeps it, one reference at rest; never copied. Only the loop's thread touches it.
/// </summary>
internal struct UnreadBytes
{
    private Holder? _holder;

    /// <summary>Is nothing kept?</summary>
    internal readonly bool IsEmpty => _holder is null;

    internal readonly int Length => _holder is { } holder ? holder.End - holder.Start : 0;

    /// <summary>What is kept, good until <see cref="Advance"/> or <see cref="Drop"/>.</summary>
    internal readonly Span<byte> Span => _holder is { } holder ? holder.Bytes.AsSpan(holder.Start, holder.End - holder.Start) : default;

    /// <summary>Copies what was left. There must be something, and nothing kept from before.</summary>
    internal void Keep(ReadOnlySpan<byte> data)
    {
        var holder = Holder.Rent();
        holder.Bytes = ArrayPool<byte>.Shared.Rent(data.Length);
        holder.Start = 0;
        holder.End = data.Length;
        data.CopyTo(holder.Bytes);
        _holder = holder;
    }

    /// <summary>The receiver used so many of the bytes; after the last one the array goes back.</summary>
    internal void Advance(int used)
    {
        _holder!.Start += used;
        if (_holder.Start >= _holder.End)
        {
            Drop();
        }
    }

    /// <summary>Forgets what is kept. With nothing kept it does nothing.</summary>
    internal void Drop()
    {
        if (_holder is { } holder)
        {
            _holder = null;
            ArrayPool<byte>.Shared.Return(holder.Bytes);
            holder.Return();
        }
    }

    /// <summary>What is known of kept bytes. A thread keeps some, so that what is kept often allocates nothing.</summary>
    private sealed class Holder
    {
        private const int MaxSpare = 64;

        [ThreadStatic]
        private static Holder? t_spare;

        internal byte[] Bytes = [];
        internal int Start;
        internal int End;
        private Holder? _next;
        private int _count;

        internal static Holder Rent()
        {
            var holder = t_spare;
            if (holder is null)
            {
                return new Holder();
            }

            t_spare = holder._next;
            holder._next = null;
            return holder;
        }

        internal void Return()
        {
            Bytes = [];
            int count = t_spare is null ? 0 : t_spare._count;
            if (count < MaxSpare)
            {
                _next = t_spare;
                _count = count + 1;
                t_spare = this;
            }
        }
    }
}
