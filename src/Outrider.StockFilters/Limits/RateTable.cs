using System.Runtime.InteropServices;

namespace Outrider.StockFilters.Limits;

/// <summary>
/// A bucket for each key, and no more keys than there is room for: where a key's places are taken, the one whose bucket will be full first gives way, as it
/// loses the least. Any thread, without a lock. Keys are hashes of 64 bits, with a seed of the process: two that fall together share a bucket.
/// </summary>
internal sealed class RateTable
{
    private const int Ways = 8;

    private readonly Slot[] _slots;
    private readonly ulong _mask;

    /// <param name="keys">How many keys there is room for, at least.</param>
    internal RateTable(int keys)
    {
        int sets = 1;
        while (sets * Ways < keys)
        {
            sets *= 2;
        }

        _slots = new Slot[sets * Ways];
        _mask = (ulong)(sets - 1);
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Slot
    {
        public long Key;
        public long FullAt;
    }

    /// <summary>How many keys there is room for.</summary>
    internal int Capacity => _slots.Length;

    /// <summary>The number of a key's bucket.</summary>
    /// <param name="hash">The key's hash.</param>
    internal ref long Find(ulong hash)
    {
        // 0 is a place that nobody has.
        long key = hash == 0 ? 1 : (long)hash;
        var set = _slots.AsSpan((int)(hash >> 40 & _mask) * Ways, Ways);
        int poorest = 0;
        for (int i = 0; i < Ways; i++)
        {
            long there = Volatile.Read(ref set[i].Key);
            if (there == key)
            {
                return ref set[i].FullAt;
            }

            if (there == 0)
            {
                there = Interlocked.CompareExchange(ref set[i].Key, key, 0);
                if (there == 0 || there == key)
                {
                    return ref set[i].FullAt;
                }
            }

            poorest = Volatile.Read(ref set[i].FullAt) < Volatile.Read(ref set[poorest].FullAt) ? i : poorest;
        }

        Volatile.Write(ref set[poorest].FullAt, 0);
        Volatile.Write(ref set[poorest].Key, key);
        return ref set[poorest].FullAt;
    }
}
