using System.Collections.Frozen;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>Envoy's names of attributes, and the numbers that the ABI has for them.</summary>
internal static class AttributeNames
{
    // In the order of AttributeId.
    private static readonly string[] s_names =
    [
        "request.path", "request.url_path", "request.host", "request.scheme", "request.method", "request.headers", "request.referer",
        "request.useragent", "request.time", "request.id", "request.protocol", "request.query", "request.duration", "request.size", "request.total_size",
        "response.code", "response.code_details", "response.flags", "response.grpc_status", "response.headers", "response.trailers", "response.size",
        "response.total_size", "response.backend_latency",
        "source.address", "source.port", "destination.address", "destination.port",
        "connection.id", "connection.mtls", "connection.requested_server_name", "connection.tls_version", "connection.subject_local_certificate",
        "connection.subject_peer_certificate", "connection.dns_san_local_certificate", "connection.dns_san_peer_certificate",
        "connection.uri_san_local_certificate", "connection.uri_san_peer_certificate", "connection.sha256_peer_certificate_digest",
        "connection.transport_failure_reason", "connection.termination_details",
        "upstream.address", "upstream.port", "upstream.tls_version", "upstream.subject_local_certificate", "upstream.subject_peer_certificate",
        "upstream.dns_san_local_certificate", "upstream.dns_san_peer_certificate", "upstream.uri_san_local_certificate", "upstream.uri_san_peer_certificate",
        "upstream.sha256_peer_certificate_digest", "upstream.local_address", "upstream.transport_failure_reason", "upstream.request_attempt_count",
        "upstream.cx_pool_ready_duration", "upstream.locality",
        "xds.node", "xds.cluster_name", "xds.cluster_metadata", "xds.listener_direction", "xds.listener_metadata", "xds.route_name", "xds.route_metadata",
        "xds.virtual_host_name", "xds.virtual_host_metadata", "xds.upstream_host_metadata", "xds.filter_chain_name", "health_check",
    ];

    private static readonly FrozenDictionary<string, AttributeId> s_ids = Enumerable.Range(0, s_names.Length)
        .ToFrozenDictionary(i => s_names[i], i => (AttributeId)i, StringComparer.Ordinal);

    /// <exception cref="ArgumentException">There is no attribute of that name.</exception>
    internal static AttributeId Find(string name)
        => s_ids.TryGetValue(name, out var id) ? id : throw new ArgumentException($"there is no attribute '{name}'", nameof(name));
}
