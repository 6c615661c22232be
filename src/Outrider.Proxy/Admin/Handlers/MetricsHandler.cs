using System.Globalization;
using System.Text;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;
using Outrider.Telemetry.Extensions;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/metrics</c>: every counter in Prometheus' text format. Any thread.</summary>
/// <param name="source">Where the counters are.</param>
internal sealed class MetricsHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/metrics";

    /// <inheritdoc/>
    public string Summary => "counters for Prometheus";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        var text = new PrometheusText();
        text.Gauge("outrider_info", "Always 1; its label is the version.").Sample(1, ("version", source.Version));
        text.Gauge("outrider_state", "MOSN's number for what the process is doing; 6 is running.").Sample(source.State);
        var sum = source.Stats.Sum();
        WriteTotals(text, sum);
        Http2Metrics.Write(text, sum.Http2Downstream, sum.Http2Upstream);
        WriteListeners(text, [.. source.Stats.Listeners.Select(static stats => (stats.Name, stats.Sum()))]);
        FilterCostMetrics.Write(text, source.Stats.AllFilterCosts);
        WriteClusters(text, [.. source.Stats.Clusters.Select(static stats => (stats.Name, stats.Sum()))]);
        text.Gauge("outrider_memory_short", "1 while the process occupies more memory than it may and new requests are refused.").Sample(source.Stats.Memory.IsShort ? 1 : 0);
        text.Counter("outrider_memory_refusals_total", "Requests that were refused for it.").Sample(source.Stats.Memory.Refused);
        text.Counter("outrider_overload_refusals_total", "Requests that were refused because their loop was behind with its work.").Sample(source.Stats.Overload.Refused);
        text.Gauge("outrider_upstream_connects_pending", "Upstream connections that are being made.").Sample(source.Stats.PendingConnects.Count);
        text.Counter("outrider_upstream_connects_refused_total", "Upstream connections that were not begun because so many were being made.").Sample(source.Stats.PendingConnects.Refused);
        WriteProtection(text, source.Clusters);
        WriteHosts(text, [.. source.Clusters.SelectMany(static cluster => cluster.Hosts.Select(host => (cluster.Name, host)))]);
        WriteCertificates(text, source.Certificates);
        WriteLogs(text, source.LogFiles.All);
        WriteRuntime(text, RuntimeMetrics.Read());
        ExtensionMetrics.Write(text);
        return new(new AdminResponse(200, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static void WriteTotals(PrometheusText text, LoopStats sum)
    {
        text.Counter("outrider_connections_accepted_total", "Client connections that were accepted.").Sample(sum.ConnectionsAccepted);
        text.Counter("outrider_connections_closed_total", "Client connections that were closed.").Sample(sum.ConnectionsClosed);
        text.Counter("outrider_connections_idle_closed_total", "Client connections that were closed because nothing came for too long.").Sample(sum.ConnectionsIdleClosed);
        text.Gauge("outrider_connections_active", "Client connections that are open.").Sample(sum.ConnectionsActive);
        text.Counter("outrider_streams_total", "Requests that began.").Sample(sum.StreamsTotal);
        text.Gauge("outrider_streams_active", "Requests that have not ended.").Sample(sum.StreamsActive);
        text.Counter("outrider_responses_total", "Requests that ended, by the class of their status.")
            .Sample(sum.Responses1xx, ("class", "1xx"))
            .Sample(sum.Responses2xx, ("class", "2xx"))
            .Sample(sum.Responses3xx, ("class", "3xx"))
            .Sample(sum.Responses4xx, ("class", "4xx"))
            .Sample(sum.Responses5xx, ("class", "5xx"));
        text.Counter("outrider_retries_total", "Tries after the first one.").Sample(sum.Retries);
        text.Counter("outrider_resets_total", "Requests that ended before their response did.").Sample(sum.Resets);
        text.Counter("outrider_protocol_errors_total", "Requests that were not HTTP.").Sample(sum.ProtocolErrors);
        text.Counter("outrider_filter_errors_total", "Filters that failed.").Sample(sum.FilterErrors);
        text.Counter("outrider_tls_handshakes_total", "TLS handshakes with clients, by their end.")
            .Sample(sum.TlsHandshakes - sum.TlsResumptions, ("result", "full"))
            .Sample(sum.TlsResumptions, ("result", "resumed"))
            .Sample(sum.TlsFailures, ("result", "failed"))
            .Sample(sum.TlsUnused, ("result", "none"));
        text.Counter("outrider_received_bytes_total", "Bytes received from clients.").Sample(sum.BytesIn);
        text.Counter("outrider_sent_bytes_total", "Bytes sent to clients.").Sample(sum.BytesOut);
        text.Counter("outrider_upstream_connects_total", "Upstream connections that were made.").Sample(sum.UpstreamConnects);
        text.Counter("outrider_upstream_connects_waited_total", "Upstream connections that had to wait for a descriptor.").Sample(sum.UpstreamConnectsWaited);
        text.Counter("outrider_upstream_connect_failures_total", "Upstream connections that could not be made.").Sample(sum.UpstreamConnectFailures);
        text.Gauge("outrider_upstream_connections_active", "Upstream connections that are open.").Sample(sum.UpstreamConnectionsActive);
        text.Counter("outrider_upstream_timeouts_total", "Requests whose upstream took too long.").Sample(sum.UpstreamTimeouts);
        text.Histogram("outrider_request_duration_seconds", "From the first byte of a request to the last of its response.").Sample(sum.RequestDuration);
    }

    private static void WriteListeners(PrometheusText text, List<(string Name, ListenerLoopStats Stats)> listeners)
    {
        void Each(PrometheusText family, Func<ListenerLoopStats, long> value)
            => listeners.ForEach(listener => family.Sample(value(listener.Stats), ("listener", listener.Name)));

        Each(text.Counter("outrider_listener_connections_accepted_total", "Connections that were accepted."), static s => s.ConnectionsAccepted);
        Each(text.Gauge("outrider_listener_connections_active", "Connections that are open."), static s => s.ConnectionsActive);
        Each(text.Counter("outrider_listener_requests_total", "Requests that began."), static s => s.RequestsTotal);
        Each(text.Gauge("outrider_listener_requests_active", "Requests that have not ended."), static s => s.RequestsActive);
        Each(text.Counter("outrider_listener_resets_total", "Requests that ended before their response did."), static s => s.RequestsReset);
        text.Counter("outrider_listener_tls_handshakes_total", "TLS handshakes with clients, by their end.");
        foreach ((string name, ListenerLoopStats stats) in listeners)
        {
            text.Sample(stats.TlsHandshakes - stats.TlsResumptions, ("listener", name), ("result", "full"))
                .Sample(stats.TlsResumptions, ("listener", name), ("result", "resumed"))
                .Sample(stats.TlsFailures, ("listener", name), ("result", "failed"))
                .Sample(stats.TlsUnused, ("listener", name), ("result", "none"));
        }

        Each(text.Counter("outrider_listener_tcp_sessions_total", "TCP sessions that began."), static s => s.TcpSessionsTotal);
        Each(text.Gauge("outrider_listener_tcp_sessions_active", "TCP sessions that have not ended."), static s => s.TcpSessionsActive);
        Each(text.Counter("outrider_listener_tcp_sessions_failed_total", "TCP sessions that found no host."), static s => s.TcpSessionsFailed);
        Each(text.Counter("outrider_listener_tcp_spliced_bytes_total", "Bytes of TCP sessions that did not come into the process."), static s => s.TcpBytesSpliced);
        Each(text.Counter("outrider_listener_connections_unmatched_total", "Connections that no filter chain is for."), static s => s.ConnectionsUnmatched);
        Each(text.Counter("outrider_listener_connections_rejected_total", "Connections that a listener filter closed, or that let it wait for too long."), static s => s.ConnectionsRejected);
        text.Counter("outrider_listener_slow_requests_total", "Requests that came more slowly than they may, by what of them did.");
        foreach ((string name, ListenerLoopStats stats) in listeners)
        {
            text.Sample(stats.SlowHeads, ("listener", name), ("part", "head")).Sample(stats.SlowBodies, ("listener", name), ("part", "body"));
        }

        Each(text.Counter("outrider_listener_received_bytes_total", "Bytes received."), static s => s.BytesIn);
        Each(text.Counter("outrider_listener_sent_bytes_total", "Bytes sent."), static s => s.BytesOut);
        text.Counter("outrider_listener_responses_total", "Requests that ended, by the class of their status.");
        foreach ((string name, ListenerLoopStats stats) in listeners)
        {
            text.Sample(stats.Responses1xx, ("listener", name), ("class", "1xx"))
                .Sample(stats.Responses2xx, ("listener", name), ("class", "2xx"))
                .Sample(stats.Responses3xx, ("listener", name), ("class", "3xx"))
                .Sample(stats.Responses4xx, ("listener", name), ("class", "4xx"))
                .Sample(stats.Responses5xx, ("listener", name), ("class", "5xx"));
        }

        text.Histogram("outrider_listener_request_duration_seconds", "From the first byte of a request to the last of its response.");
        listeners.ForEach(listener => text.Sample(listener.Stats.RequestDuration, ("listener", listener.Name)));
    }

    private static void WriteClusters(PrometheusText text, List<(string Name, ClusterLoopStats Stats)> clusters)
    {
        void Each(PrometheusText family, Func<ClusterLoopStats, long> value)
            => clusters.ForEach(cluster => family.Sample(value(cluster.Stats), ("cluster", cluster.Name)));

        Each(text.Counter("outrider_cluster_requests_total", "Requests that were sent to a host, each try of one."), static s => s.RequestsTotal);
        Each(text.Gauge("outrider_cluster_requests_active", "Requests that wait for their response."), static s => s.RequestsActive);
        Each(text.Counter("outrider_cluster_responses_5xx_total", "Responses with a status of 500 and above."), static s => s.Counts.ResponsesFailed);
        Each(text.Counter("outrider_cluster_connects_total", "Connections that were made."), static s => s.ConnectionsTotal);
        Each(text.Gauge("outrider_cluster_connections_active", "Connections that are open."), static s => s.ConnectionsActive);
        Each(text.Counter("outrider_cluster_connect_failures_total", "Connections that could not be made."), static s => s.ConnectFailures);
        Each(text.Counter("outrider_cluster_retries_total", "Tries after the first one."), static s => s.Retries);
        Each(text.Counter("outrider_cluster_timeouts_total", "Requests that took too long."), static s => s.Timeouts);
        Each(text.Counter("outrider_cluster_resets_total", "Requests that the host broke off."), static s => s.Resets);
        Each(text.Counter("outrider_cluster_received_bytes_total", "Bytes received from hosts."), static s => s.BytesIn);
        Each(text.Counter("outrider_cluster_sent_bytes_total", "Bytes sent to hosts."), static s => s.BytesOut);
        text.Histogram("outrider_cluster_request_duration_seconds", "From a request's sending to the head of its response, each try.");
        clusters.ForEach(cluster => text.Sample(cluster.Stats.RequestDuration, ("cluster", cluster.Name)));
    }

    private static void WriteProtection(PrometheusText text, IReadOnlyList<AdminCluster> clusters)
    {
        text.Counter("outrider_cluster_overflows_total", "What circuit breakers refused, by what there was too much of.");
        foreach (var cluster in clusters)
        {
            foreach (string kind in (ReadOnlySpan<string>)["connection", "pending", "request", "retry"])
            {
                text.Sample(cluster.Counter(kind + "_overflows_total"), ("cluster", cluster.Name), ("kind", kind));
            }
        }

        text.Counter("outrider_cluster_ejections_total", "Hosts that were ejected.");
        foreach (var cluster in clusters)
        {
            text.Sample(cluster.Counter("ejections_total"), ("cluster", cluster.Name));
        }

        text.Counter("outrider_cluster_health_checks_total", "Health checks, by their end.");
        foreach (var cluster in clusters)
        {
            text.Sample(cluster.Counter("checks_passed_total"), ("cluster", cluster.Name), ("result", "passed"))
                .Sample(cluster.Counter("checks_failed_total"), ("cluster", cluster.Name), ("result", "failed"));
        }
    }

    private static void WriteHosts(PrometheusText text, List<(string Cluster, AdminHost Host)> hosts)
    {
        void Each(PrometheusText family, Func<AdminHost, long> value)
            => hosts.ForEach(host => family.Sample(value(host.Host), ("cluster", host.Cluster), ("host", host.Host.Address)));

        Each(text.Gauge("outrider_host_healthy", "1 when requests may go there."), static h => h.IsHealthy ? 1 : 0);
        Each(text.Gauge("outrider_host_ejected", "1 when it is ejected."), static h => h.IsEjected ? 1 : 0);
        Each(text.Gauge("outrider_host_connections_active", "Connections that are open."), static h => h.Connections);
        Each(text.Gauge("outrider_host_requests_active", "Requests that wait for its response."), static h => h.Active);
        Each(text.Counter("outrider_host_requests_total", "Requests that were sent there."), static h => h.Total);
        Each(text.Counter("outrider_host_failures_total", "Connections that could not be made."), static h => h.Failures);
    }

    private static void WriteCertificates(PrometheusText text, IReadOnlyList<AdminCertificate> certificates)
    {
        if (certificates.Count > 0)
        {
            text.Gauge("outrider_certificate_not_after_seconds", "When a certificate in force expires, as seconds since 1970.");
            foreach (AdminCertificate certificate in certificates.DistinctBy(static c => (c.Where, c.Subject)))
            {
                text.Sample(certificate.NotAfter.ToUnixTimeSeconds(), ("used_by", certificate.Where), ("subject", certificate.Subject));
            }
        }
    }

    private static void WriteLogs(PrometheusText text, IReadOnlyList<LogFile> files)
    {
        text.Counter("outrider_log_dropped_lines_total", "Lines that were lost because the disk did not keep up.");
        foreach (LogFile file in files)
        {
            text.Sample(file.Dropped, ("path", file.Path));
        }

        text.Counter("outrider_log_write_failures_total", "Writes that the disk refused; their lines are lost.");
        foreach (LogFile file in files)
        {
            text.Sample(file.Failures, ("path", file.Path));
        }
    }

    private static void WriteRuntime(PrometheusText text, RuntimeMetrics runtime)
    {
        text.Counter("outrider_runtime_allocated_bytes_total", "Bytes ever allocated on the managed heap.").Sample(runtime.AllocatedBytes);
        text.Counter("outrider_runtime_gc_collections_total", "Garbage collections, by generation.");
        for (int generation = 0; generation < runtime.Collections.Count; generation++)
        {
            text.Sample(runtime.Collections[generation], ("generation", generation.ToString(CultureInfo.InvariantCulture)));
        }

        text.Gauge("outrider_runtime_heap_bytes", "The managed heap's size.").Sample(runtime.HeapBytes);
        text.Gauge("outrider_runtime_resident_bytes", "Memory that the process occupies.").Sample(runtime.ResidentBytes);
        text.Gauge("outrider_runtime_uptime_seconds", "Since the process started.").Sample(runtime.Uptime.TotalSeconds);
        text.Gauge("outrider_runtime_open_fds", "Open file descriptors.").Sample(runtime.OpenFileDescriptors);
        text.Counter("outrider_runtime_cpu_seconds_total", "What the process took of the cores.").Sample(runtime.ProcessorTime.TotalSeconds);
    }
}
