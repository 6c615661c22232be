namespace Outrider.Configuration.Model;

/// <summary>How a host that has become healthy gets its share little by little (<c>slow_start</c>); names, meanings and defaults are MOSN's.</summary>
/// <param name="Duration">How long it takes.</param>
/// <param name="Aggression">1, the default, is a straight line; more is faster at the beginning.</param>
/// <param name="MinWeight">The share of its weight that it has at least. Default 0.1.</param>
internal sealed record SlowStartConfiguration(TimeSpan Duration, double Aggression, double MinWeight)
{
    /// <summary>The share of its weight that a host has after so many milliseconds.</summary>
    public double ShareAfter(long milliseconds)
    {
        // MOSN's: the first second counts whole.
        double share = Math.Max(1000, milliseconds) / Duration.TotalMilliseconds;
        return share >= 1 ? 1 : Math.Max(MinWeight, Aggression == 1 ? share : Math.Pow(share, 1 / Aggression));
    }
}
