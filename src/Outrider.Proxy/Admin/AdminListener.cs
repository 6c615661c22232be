namespace Outrider.Proxy.Admin;

/// <summary>A listener, as the admin API shows it; its counters are in <see cref="Telemetry.ProxyStats"/> under its name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where it listens.</param>
internal sealed record AdminListener(string Name, string Address);
