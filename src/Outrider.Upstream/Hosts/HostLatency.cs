namespace Outrider.Upstream.Hosts;

/// <summary>How long a host's answers took on one loop: a moving average that follows peaks at once.</summary>
internal struct HostLatency
{
    /// <summary>Its length in bytes.</summary>
    internal const int Size = 16;

    // Finagle's: after ten seconds a measurement counts 1/e.
    private const double Decay = 10_000;

    /// <summary>From being sent to the head of the response, in microseconds; 0 before the first.</summary>
    public double Average;

    /// <summary>When <see cref="Average"/> was last changed, in milliseconds of the loop's clock.</summary>
    public long At;

    /// <summary>A request took so long: what is slower counts at once, what is faster little by little.</summary>
    /// <param name="microseconds">From being sent to the head of the response, or to the end of patience.</param>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    public void Measure(double microseconds, long now)
    {
        if (microseconds >= Average)
        {
            Average = microseconds;
        }
        else if (now > At)
        {
            // Within a millisecond, in which a busy loop has dozens, nothing fades.
            double kept = Math.Exp((At - now) / Decay);
            Average = (Average * kept) + (microseconds * (1 - kept));
        }

        At = now;
    }
}
