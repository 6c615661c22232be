namespace Outrider.Configuration.Model;

/// <summary>What the load balancers that come with the proxy can be told (<c>lbconfig</c>).</summary>
internal sealed record BalancerOptions
{
    /// <summary>Hosts that are drawn, of which the best is taken. Default 2.</summary>
    public int ChoiceCount { get; init; } = 2;

    /// <summary>The power that a host's requests (or connections) count with against its weight. Default 1.</summary>
    public double ActiveBias { get; init; } = 1;

    /// <summary>How fast <c>LB_PEAK_EWMA</c> forgets: after this time a measurement counts 1/e. Default 10 s.</summary>
    public TimeSpan Decay { get; init; } = TimeSpan.FromSeconds(10);
}
