namespace Outrider.Telemetry;

/// <summary>
/// A sum that fades: what came a second ago counts e^(−1/6), as MOSN's moving averages do (each value by α = 1 − e^(−1/6), so that a constant rate shows as about that
/// rate each second). One loop writes; anybody may read.
/// </summary>
internal struct MovingRate
{
    private const double FadeMilliseconds = 6000;

    // Below this the fading of what is there makes no difference that anybody would see, and it costs an exponential.
    private const long Step = 10;

    private static readonly double s_alpha = 1 - Math.Exp(-1000 / FadeMilliseconds);

    private double _value;
    private long _at;

    /// <summary>Adds something. On the loop.</summary>
    /// <param name="amount">How much.</param>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    public void Add(double amount, long now)
    {
        if (now - _at >= Step)
        {
            _value = Faded(now);
            _at = now;
        }

        _value += s_alpha * amount;
    }

    /// <summary>What it is now.</summary>
    /// <param name="now">Milliseconds of the clock that all loops have.</param>
    public readonly double At(long now) => Faded(now);

    /// <summary>Two together, as they are at a moment.</summary>
    public static MovingRate Sum(MovingRate one, MovingRate other, long now) => new() { _value = one.Faded(now) + other.Faded(now), _at = now };

    private readonly double Faded(long now) => _value == 0 ? 0 : _value * Math.Exp(-Math.Max(0, now - _at) / FadeMilliseconds);
}
