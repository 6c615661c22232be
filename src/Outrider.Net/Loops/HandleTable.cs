namespace Outrider.Net.Loops;

/// <summary>
/// Who has which descriptor: an array in pages of 1,024. It grows by a page, 8 bytes for each descriptor; one array that doubles would
/// be up to twice as large, and leave what it was before to a collection of the large objects. One loop's.
/// </summary>
internal sealed class HandleTable
{
    private const int PageShift = 10;
    private const int PageSize = 1 << PageShift;

    private LoopHandle?[]?[] _pages = new LoopHandle?[]?[4];

    /// <summary>No descriptor from here on is known.</summary>
    internal int Capacity => _pages.Length << PageShift;

    /// <summary>Who has that descriptor, or null. Any number.</summary>
    internal LoopHandle? this[int descriptor]
    {
        get
        {
            var pages = _pages;
            uint page = (uint)descriptor >> PageShift;
            return page < (uint)pages.Length && pages[page] is { } handles ? handles[descriptor & (PageSize - 1)] : null;
        }
    }

    /// <summary>The descriptor, 0 or more, is that one's, whoever had it before.</summary>
    internal void Set(int descriptor, LoopHandle handle)
    {
        int page = descriptor >> PageShift;
        if (page >= _pages.Length)
        {
            Array.Resize(ref _pages, Math.Max(_pages.Length * 2, page + 1));
        }

        (_pages[page] ??= new LoopHandle?[PageSize])[descriptor & (PageSize - 1)] = handle;
    }

    /// <summary>Forgets the handle, if its descriptor is still its own.</summary>
    internal void Remove(LoopHandle handle)
    {
        if (this[handle.Descriptor] == handle)
        {
            _pages[handle.Descriptor >> PageShift]![handle.Descriptor & (PageSize - 1)] = null;
        }
    }
}
