namespace Outrider.Upstream;

/// <summary>How long to wait before names are looked up again: the interval, and less as long as one of them is unknown, doubling from a second on.</summary>
/// <param name="interval">Between two lookups when all names are known; what is waited at most.</param>
internal sealed class LookupWait(TimeSpan interval)
{
    /// <summary>The first wait after a name turned out unknown.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    private TimeSpan _last;

    /// <summary>The next wait.</summary>
    public TimeSpan Next(bool anyUnknown)
    {
        _last = !anyUnknown ? TimeSpan.Zero : _last == TimeSpan.Zero ? First : _last * 2;
        if (_last > interval)
        {
            _last = interval;
        }

        return anyUnknown ? _last : interval;
    }
}
