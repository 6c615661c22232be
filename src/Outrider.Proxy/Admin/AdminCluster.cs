namespace Outrider.Proxy.Admin;

/// <summary>A cluster, as the admin API shows it; its counters are in <see cref="Telemetry.ProxyStats"/> under its name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Hosts">Its hosts.</param>
internal sealed record AdminCluster(string Name, IReadOnlyList<AdminHost> Hosts);
