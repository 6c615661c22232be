namespace Outrider.Filters;

/// <summary>
/// Draws by weight in the same time whatever there is to draw from: each column holds a share of its own and the rest of another's (Walker's alias method, by Vose, "A
/// Linear Algorithm for Generating Random Numbers with a Given Distribution", 1991). Immutable.
/// </summary>
internal sealed class AliasTable
{
    private readonly (uint Share, int Other)[] _columns;
    private readonly uint _total;

    /// <param name="weights">The weights, each 1 or more.</param>
    /// <param name="total">Their sum.</param>
    public AliasTable(ReadOnlySpan<int> weights, uint total)
    {
        _total = total;
        _columns = new (uint, int)[weights.Length];

        // Whole numbers: a column's share is its weight times the columns, out of the total.
        var left = new long[weights.Length];
        var small = new Stack<int>();
        var large = new Stack<int>();
        for (int i = 0; i < left.Length; i++)
        {
            left[i] = (long)weights[i] * weights.Length;
            (left[i] < total ? small : large).Push(i);
        }

        while (small.Count > 0 && large.Count > 0)
        {
            int poor = small.Pop(), rich = large.Pop();
            _columns[poor] = ((uint)left[poor], rich);
            left[rich] -= total - left[poor];
            (left[rich] < total ? small : large).Push(rich);
        }

        foreach (int full in small.Concat(large))
        {
            _columns[full] = (total, full);
        }
    }

    /// <summary>An index, as often as its weight says.</summary>
    public int Draw(ref PickContext context)
    {
        int index = (int)context.Next((uint)_columns.Length);
        ref readonly var column = ref _columns[index];
        return context.Next(_total) < column.Share ? index : column.Other;
    }
}
