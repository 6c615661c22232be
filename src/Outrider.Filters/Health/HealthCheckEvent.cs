namespace Outrider.Filters;

/// <summary>A health check that has been made.</summary>
/// <param name="Host">The host.</param>
/// <param name="Result">What was found this time.</param>
/// <param name="IsChanged">Has the host become healthy or unhealthy with it?</param>
/// <param name="IsHealthy">Is the host healthy from now on, as far as checks say?</param>
public sealed record HealthCheckEvent(CheckedHost Host, HealthCheckResult Result, bool IsChanged, bool IsHealthy);
