using Outrider.Filters;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Server;

/// <summary>What the admin API shows of a running proxy. Any thread.</summary>
internal sealed class ProxyAdminSource(ProxyServer server, string version) : IAdminSource
{
    public string Version => version;

    public ReadOnlyMemory<byte> Configuration => server.Store.Json;

    public ProxyStats Stats => server.Stats;

    public IReadOnlyList<AdminCluster> Clusters =>
    [
        .. server.Clusters.Clusters.Select(cluster => new AdminCluster(cluster.Name, [.. cluster.Hosts.Hosts.ToArray().Select(Show)])
        {
            Counters = [.. Counters(cluster)],
            CheckedService = cluster.Checks?.Configuration.ServiceName,
            Subsets = cluster.SubsetCount,
        }),
    ];

    public Task<BufferedBytes> BufferedAsync() => BufferedOnLoops.SumAsync(server.Loops);

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

    public Task<IReadOnlyList<ConfigurationResourceResult>> ApplyAsync(IReadOnlyList<ConfigurationResource> resources) => Task.Run(() => server.Store.ApplyAsync("admin API", resources));

    public int State => (int)server.State;

    public ErrorLogs ErrorLogs => server.ErrorLogs;

    public LogFiles LogFiles => server.LogFiles;

    private static AdminHost Show(UpstreamHost host)
    {
        var status = host.Health.Status;
        return new AdminHost(host.Name, host.Address, host.IsHealthy, host.ActiveRequests, host.TotalRequests, host.ConnectFailures)
        {
            Weight = host.Weight,
            HasFailedChecks = (status.Failures & HostFailures.FailedChecks) != 0,
            IsEjected = (status.Failures & (HostFailures.Ejected | HostFailures.SetAside)) != 0,
            Reason = status.Reason,
            Since = status.Since,
            Connections = host.ConnectionsActive,
            ConnectionsTotal = host.ConnectionsTotal,
            Counts = host.Counts,
            LatencyMilliseconds = Latency(host),
        };
    }

    // Of the loops that have sent it anything, each as good as the others.
    private static double Latency(UpstreamHost host)
    {
        double[] all = [.. Enumerable.Range(0, host.Loops).Select(loop => host.LatencyOn(loop, out _)).Where(static latency => latency > 0)];
        return all.Length == 0 ? 0 : all.Average() / 1000;
    }

    private static IEnumerable<(string Name, long Value)> Counters(Cluster cluster)
    {
        var counts = cluster.Breakers.Counts;
        yield return ("connection_overflows_total", Volatile.Read(ref counts.ConnectionOverflows));
        yield return ("pending_overflows_total", Volatile.Read(ref counts.PendingOverflows));
        yield return ("request_overflows_total", Volatile.Read(ref counts.RequestOverflows));
        yield return ("retry_overflows_total", Volatile.Read(ref counts.RetryOverflows));
        if (cluster.Outliers is { } outliers)
        {
            yield return ("ejections_total", outliers.Ejections);
            yield return ("ejections_refused_total", outliers.Refused);
        }

        if (cluster.Checks?.Stats is { } checks)
        {
            yield return ("checks_total", checks.Attempts);
            yield return ("checks_passed_total", checks.Successes);
            yield return ("checks_failed_total", checks.Failures);
            yield return ("checks_timed_out_total", checks.NetworkFailures);
        }
    }
}
