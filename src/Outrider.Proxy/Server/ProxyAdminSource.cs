using Outrider.Proxy.Admin;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Telemetry;

namespace Outrider.Proxy.Server;

/// <summary>What the admin API shows of a running proxy. Any thread.</summary>
internal sealed class ProxyAdminSource(ProxyServer server, string version) : IAdminSource
{
    public string Version => version;

    public ReadOnlyMemory<byte> Configuration => server.Configuration.Json;

    public ProxyStats Stats => server.Stats;

    public IReadOnlyList<AdminCluster> Clusters =>
    [
        .. server.Clusters.Clusters.Select(cluster => new AdminCluster(
            cluster.Name,
            [.. cluster.Hosts.Hosts.ToArray().Select(host => new AdminHost(
                host.Name, host.Address, IsHealthy: true, host.ActiveRequests, host.TotalRequests, host.ConnectFailures))])),
    ];

    public IReadOnlyList<AdminListener> Listeners =>
        [.. server.Configuration.Server.Listeners.Where(l => l.BindPort).Select(l => new AdminListener(l.Name, l.Address))];

    public int State => (int)server.State;

    public ErrorLogs ErrorLogs => server.ErrorLogs;

    public LogFiles LogFiles => server.LogFiles;
}
