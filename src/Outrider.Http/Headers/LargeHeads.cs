namespace Outrider.Http.Headers;

/// <summary>
/// Arrays for heads that are larger than what a block keeps (20 KiB of cookies, say), lent from one head to the next: making and dropping a pinned one for
/// each request would be what collections are made of. A few for each thread; who has returned one does not touch it any more.
/// </summary>
internal static class LargeHeads
{
    private const int Smallest = 32 * 1024;

    // 32, 64 and 128 KiB; what is larger is rare, and made each time.
    private const int Sizes = 3;

    // A block returns its array before it asks for the next, so few lie here at a time; at most 900 KiB for each thread.
    private const int MaxOfASize = 4;

    [ThreadStatic]
    private static byte[]?[]? t_free;

    /// <summary>An array of so many bytes at least.</summary>
    internal static byte[] Rent(int length)
    {
        int size = IndexOf(length);
        if (size >= Sizes)
        {
            return New(length);
        }

        var free = Free(size);
        for (int i = 0; i < free.Length; i++)
        {
            if (free[i] is { } array)
            {
                free[i] = null;
                return array;
            }
        }

        return New(Smallest << size);
    }

    /// <summary>Gives one back; what there is no room for is the collector's.</summary>
    internal static void Return(byte[] array)
    {
        int size = IndexOf(array.Length);
        if (size >= Sizes || array.Length != Smallest << size)
        {
            return;
        }

        foreach (ref var place in Free(size))
        {
            if (place is null)
            {
                place = array;
                return;
            }
        }
    }

    private static Span<byte[]?> Free(int size) => (t_free ??= new byte[]?[Sizes * MaxOfASize]).AsSpan(size * MaxOfASize, MaxOfASize);

    private static int IndexOf(int length)
    {
        int size = 0;
        while (size < Sizes && Smallest << size < length)
        {
            size++;
        }

        return size;
    }

    // Pinned, as a block's own memory is.
    private static byte[] New(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: true);
}
