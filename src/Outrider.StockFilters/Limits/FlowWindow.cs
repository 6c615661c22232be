namespace Outrider.StockFilters.Limits;

/// <summary>
/// One rule on how many requests may begin in a period: a window that slides in tenths, or turns that are evenly spaced (Sentinel's throttling,
/// <c>core/flow/tc_throttling.go</c>). Any thread: a change takes some nanoseconds, in which others spin.
/// </summary>
internal sealed class FlowWindow
{
    private const int Parts = 10;

    private readonly double _threshold;
    private readonly bool _spaces;
    private readonly int _longestWait;
    private readonly double _partLength;
    private readonly double _space;
    private readonly long[] _partNumbers = new long[Parts];
    private readonly int[] _counts = new int[Parts];
    private int _taken;
    private double _nextTurn;

    internal FlowWindow(FlowRuleConfig rule, long now)
    {
        _threshold = rule.Threshold!.Value;
        _spaces = rule.ControlBehavior == 1;
        _longestWait = rule.MaxQueueingTimeMs;
        _partLength = rule.StatIntervalInMs / (double)Parts;
        _space = _threshold > 0 ? rule.StatIntervalInMs / _threshold : 0;
        _nextTurn = now;
        Array.Fill(_partNumbers, -1);
    }

    /// <summary>Takes a place.</summary>
    /// <param name="now">Milliseconds of a clock that does not go back.</param>
    /// <param name="wait">Until its turn, in milliseconds.</param>
    /// <returns>False when there is none.</returns>
    internal bool TryTake(long now, out int wait)
    {
        wait = 0;
        if (_threshold <= 0)
        {
            return false;
        }

        var spin = new SpinWait();
        while (Interlocked.CompareExchange(ref _taken, 1, 0) != 0)
        {
            spin.SpinOnce();
        }

        bool has = _spaces ? TakeTurn(now, out wait) : TakePlace(now);
        Volatile.Write(ref _taken, 0);
        return has;
    }

    private bool TakeTurn(long now, out int wait)
    {
        double turn = Math.Max(now, _nextTurn);
        wait = (int)Math.Min(Math.Ceiling(turn - now), int.MaxValue);
        if (wait > _longestWait)
        {
            return false;
        }

        _nextTurn = turn + _space;
        return true;
    }

    private bool TakePlace(long now)
    {
        long part = (long)(now / _partLength);
        long count = 0;
        for (int i = 0; i < Parts; i++)
        {
            count += part - _partNumbers[i] < Parts ? _counts[i] : 0;
        }

        if (count + 1 > _threshold)
        {
            return false;
        }

        int index = (int)(part % Parts);
        if (_partNumbers[index] != part)
        {
            _partNumbers[index] = part;
            _counts[index] = 0;
        }

        _counts[index]++;
        return true;
    }
}
