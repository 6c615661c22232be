using System.Net;
using System.Text;
using Outrider.Filters;
using Outrider.Proxy.Streams.Exchanges;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>What filters can ask of a stream by Envoy's names. Lives with it.</summary>
internal sealed class StreamAttributes(ProxyStreamContext context, StreamRecord record, UpstreamExchange exchange, StreamLogSource log)
{
    internal string? GetText(string name) => name switch
    {
        "request.path" => record.RequestHeaders.PathString,
        "request.url_path" => Encoding.Latin1.GetString(record.RequestHeaders.PathWithoutQuery),
        "request.query" => Encoding.Latin1.GetString(Query),
        "request.host" => record.RequestHeaders.AuthorityString,
        "request.method" => record.RequestHeaders.MethodString,
        "request.scheme" => Encoding.Latin1.GetString(record.RequestHeaders.Scheme),
        "request.protocol" => context.Protocol,
        "request.referer" => record.RequestHeaders.GetString("referer"),
        "request.useragent" => record.RequestHeaders.GetString("user-agent"),
        "request.id" => record.RequestHeaders.GetString("x-request-id"),
        "response.code_details" => record.Details,
        "source.address" => context.DownstreamRemoteAddress,
        "destination.address" => context.DownstreamLocalAddress,
        "connection.requested_server_name" => context.DownstreamTls?.ServerName,
        "connection.tls_version" => context.DownstreamTls?.Version,
        "connection.subject_peer_certificate" => PeerCertificate?.Subject,
        "connection.dns_san_peer_certificate" => PeerCertificate?.AlternativeNames.FirstOrDefault(IsDnsName),
        "connection.uri_san_peer_certificate" => PeerCertificate?.AlternativeNames.FirstOrDefault(IsUri),
        "connection.sha256_peer_certificate_digest" => PeerCertificate?.Fingerprint,
        "upstream.address" => context.UpstreamHost,
        "upstream.local_address" => context.UpstreamLocalAddress,
        "upstream.transport_failure_reason" => exchange.FailureReason,
        "xds.cluster_name" => context.ClusterName,
        "xds.route_name" => context.Route?.Name,
        "xds.virtual_host_name" => context.Route?.VirtualHost,
        "xds.filter_chain_name" => context.ListenerName,
        _ => Nothing<string>(name),
    };

    internal long? GetNumber(string name) => name switch
    {
        "request.size" => context.BytesReceived,
        "response.size" => context.BytesSent,
        "response.code" => record.ResponseCode is 0 ? null : record.ResponseCode,
        "source.port" => PortOf(record.Addresses.Remote.Port),
        "destination.port" => PortOf(log.DownstreamLocal.Port),
        "upstream.port" => PortOf((exchange.Host?.EndPoint as IPEndPoint)?.Port ?? 0),
        _ => (long?)Nothing<object>(name),
    };

    internal bool? GetFlag(string name) => name switch
    {
        "connection.mtls" => PeerCertificate is not null,
        _ => (bool?)Nothing<object>(name),
    };

    private StreamPeerCertificate? PeerCertificate => context.DownstreamTls?.PeerCertificate;

    private ReadOnlySpan<byte> Query
    {
        get
        {
            var path = record.RequestHeaders.Path;
            int question = path.IndexOf((byte)'?');
            return question < 0 ? default : path[(question + 1)..];
        }
    }

    // The kinds of names are told apart by their form: a DNS name has no colon, and a URI has one and is no address.
    private static bool IsDnsName(string name) => !name.Contains(':', StringComparison.Ordinal) && !IPAddress.TryParse(name, out _);

    private static bool IsUri(string name) => name.Contains(':', StringComparison.Ordinal) && !IPAddress.TryParse(name, out _);

    private static long? PortOf(int port) => port == 0 ? null : port;

    /// <summary>An attribute of another type, or one that this proxy does not know of a stream.</summary>
    /// <exception cref="ArgumentException">There is no attribute of that name.</exception>
    private static T? Nothing<T>(string name)
        where T : class
        => EnvoyAttributes.Exist(name) ? null : throw new ArgumentException($"there is no attribute '{name}'", nameof(name));
}
