using System.Globalization;
using System.Text.Json;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/clusters</c>: every cluster with its hosts: their health, why and since when, connections, requests, latency. <c>?cluster=NAME</c> for one. Any thread.</summary>
/// <param name="source">Where clusters are.</param>
internal sealed class ClustersHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/clusters";

    /// <inheritdoc/>
    public string Summary => "clusters with their hosts' health, why and since when, connections, requests, latency; ?cluster=NAME for one";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        string? wanted = request.Query.FirstOrDefault(pair => pair.Key == "cluster").Value;
        var clusters = source.Clusters.Where(cluster => wanted is null || cluster.Name == wanted).ToList();
        if (wanted is not null && clusters.Count == 0)
        {
            return new(AdminResponse.Text($"there is no cluster '{wanted}'\n", 404));
        }

        return new(AdminResponse.Json(writer =>
        {
            writer.WriteStartArray();
            clusters.ForEach(cluster => Write(writer, cluster));
            writer.WriteEndArray();
        }));
    }

    private static void Write(Utf8JsonWriter writer, AdminCluster cluster)
    {
        writer.WriteStartObject();
        writer.WriteString("name", cluster.Name);
        writer.WriteNumber("hosts_total", cluster.Hosts.Count);
        writer.WriteNumber("hosts_healthy", cluster.Hosts.Count(static host => host.IsHealthy));
        foreach (var (name, value) in cluster.Counters)
        {
            writer.WriteNumber(name, value);
        }

        writer.WriteStartArray("hosts");
        foreach (var host in cluster.Hosts)
        {
            writer.WriteStartObject();
            writer.WriteString("address", host.Address);
            if (host.Name != host.Address)
            {
                writer.WriteString("name", host.Name);
            }

            writer.WriteNumber("weight", host.Weight);
            writer.WriteBoolean("healthy", host.IsHealthy);
            writer.WriteBoolean("failed_checks", host.HasFailedChecks);
            writer.WriteBoolean("ejected", host.IsEjected);
            writer.WriteString("reason", host.Reason);
            writer.WriteString("since", host.Since.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            writer.WriteNumber("connections_active", host.Connections);
            writer.WriteNumber("connections_total", host.ConnectionsTotal);
            writer.WriteNumber("connect_failures", host.Failures);
            writer.WriteNumber("requests_active", host.Active);
            writer.WriteNumber("requests_total", host.Total);
            writer.WriteNumber("latency_ms", Math.Round(host.LatencyMilliseconds, 3));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
