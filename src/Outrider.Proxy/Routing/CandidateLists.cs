namespace Outrider.Proxy.Routing;

/// <summary>Lists of routes' numbers, each ascending, that are gone through together: what comes out ascends, too. On the stack of one search.</summary>
/// <param name="numbers">All numbers of the index; a list is a part of it.</param>
/// <param name="lists">Room for the lists.</param>
internal ref struct CandidateLists(ReadOnlySpan<int> numbers, Span<(int At, int End)> lists)
{
    private readonly ReadOnlySpan<int> _numbers = numbers;
    private readonly Span<(int At, int End)> _lists = lists;
    private int _count;

    /// <summary>Were there more lists than there is room for?</summary>
    public bool IsFull { get; private set; }

    /// <summary>Adds a list, unless it is empty.</summary>
    public void Add((int At, int End) list)
    {
        if (list.At == list.End)
        {
            return;
        }

        if (_count == _lists.Length)
        {
            IsFull = true;
            return;
        }

        _lists[_count++] = list;
    }

    /// <summary>The least number that has not come yet; −1 after the last.</summary>
    public int Next()
    {
        int least = -1, from = 0;
        for (int i = 0; i < _count; i++)
        {
            int number = _numbers[_lists[i].At];
            if (least < 0 || number < least)
            {
                least = number;
                from = i;
            }
        }

        if (least >= 0 && ++_lists[from].At == _lists[from].End)
        {
            _lists[from] = _lists[--_count];
        }

        return least;
    }
}
