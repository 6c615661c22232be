using Outrider.Filters;
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
                host.Name, host.Address, host.IsHealthy, host.ActiveRequests, host.TotalRequests, host.ConnectFailures))])),
    ];

    public IReadOnlyList<AdminListener> Listeners =>
        [.. server.Configuration.Server.Listeners.Where(l => l.BindPort).Select(l => new AdminListener(l.Name, l.Address))];

    public IReadOnlyList<AdminCertificate> Certificates =>
    [
        .. server.Tls.Uses.Select(use => (use.Where, use.Context.Credentials)).Where(use => use.Credentials?.Certificate is not null)
            .Select(use => (use.Where, use.Credentials!.Names, Certificate: use.Credentials.Certificate!))
            .Select(use => new AdminCertificate(
                use.Where, use.Certificate.Subject, use.Certificate.Issuer, [.. use.Names.Distinct()],
                use.Certificate.NotBefore.ToUniversalTime(), use.Certificate.NotAfter.ToUniversalTime(),
                Convert.ToHexStringLower(use.Certificate.GetCertHash(System.Security.Cryptography.HashAlgorithmName.SHA256)))),
    ];

    public Task<IReadOnlyList<ConfigurationResourceResult>> ApplyAsync(IReadOnlyList<ConfigurationResource> resources) => server.Store.ApplyAsync("admin API", resources);

    public int State => (int)server.State;

    public ErrorLogs ErrorLogs => server.ErrorLogs;

    public LogFiles LogFiles => server.LogFiles;
}
