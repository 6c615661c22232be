namespace Outrider.Upstream.Hosts;

/// <summary>A host's health from one moment on. Immutable.</summary>
/// <param name="Failures">What keeps requests away from it.</param>
/// <param name="Reason">What has made it so, for people.</param>
/// <param name="Since">From when on.</param>
internal sealed record HostStatus(HostFailures Failures, string Reason, DateTimeOffset Since);
