using System.Collections.Frozen;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>The names that Envoy has for what is known of a stream (envoyproxy.io, "Attributes"): a name that is none of them is a mistake, on every base.</summary>
internal static class EnvoyAttributes
{
    private static readonly (string Group, string Names)[] s_groups =
    [
        ("request", "path url_path host scheme method headers referer useragent time id protocol query duration size total_size"),
        ("response", "code code_details flags grpc_status headers trailers size total_size backend_latency"),
        ("source", "address port"),
        ("destination", "address port"),
        ("connection", "id mtls requested_server_name tls_version subject_local_certificate subject_peer_certificate dns_san_local_certificate dns_san_peer_certificate"
            + " uri_san_local_certificate uri_san_peer_certificate sha256_peer_certificate_digest transport_failure_reason termination_details"),
        ("upstream", "address port tls_version subject_local_certificate subject_peer_certificate dns_san_local_certificate dns_san_peer_certificate uri_san_local_certificate"
            + " uri_san_peer_certificate sha256_peer_certificate_digest local_address transport_failure_reason request_attempt_count cx_pool_ready_duration locality"),
        ("xds", "node cluster_name cluster_metadata listener_direction listener_metadata route_name route_metadata virtual_host_name virtual_host_metadata"
            + " upstream_host_metadata filter_chain_name"),
    ];

    private static readonly FrozenSet<string> s_names = s_groups
        .SelectMany(group => group.Names.Split(' ').Select(name => $"{group.Group}.{name}"))
        .Append("health_check")
        .ToFrozenSet(StringComparer.Ordinal);

    internal static bool Exist(string name) => s_names.Contains(name);
}
