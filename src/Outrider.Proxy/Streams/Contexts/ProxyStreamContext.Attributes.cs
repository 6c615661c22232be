using System.Net;
using System.Text;
using Outrider.Filters;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>What filters can ask for by Envoy's names.</summary>
internal sealed partial class ProxyStreamContext
{
    public override string? GetAttribute(string name) => name switch
    {
        "request.path" => RequestHeaders.PathString,
        "request.url_path" => Encoding.Latin1.GetString(RequestHeaders.PathWithoutQuery),
        "request.query" => Encoding.Latin1.GetString(Query),
        "request.host" => RequestHeaders.AuthorityString,
        "request.method" => RequestHeaders.MethodString,
        "request.scheme" => Encoding.Latin1.GetString(RequestHeaders.Scheme),
        "request.protocol" => Protocol,
        "request.referer" => RequestHeaders.GetString("referer"),
        "request.useragent" => RequestHeaders.GetString("user-agent"),
        "request.id" => RequestHeaders.GetString("x-request-id"),
        "response.code_details" => _stream.Details,
        "source.address" => DownstreamRemoteAddress,
        "destination.address" => DownstreamLocalAddress,
        "connection.requested_server_name" => DownstreamTls?.ServerName,
        "connection.tls_version" => DownstreamTls?.Version,
        "connection.subject_peer_certificate" => PeerCertificate?.Subject,
        "connection.dns_san_peer_certificate" => PeerCertificate?.AlternativeNames.FirstOrDefault(IsDnsName),
        "connection.uri_san_peer_certificate" => PeerCertificate?.AlternativeNames.FirstOrDefault(IsUri),
        "connection.sha256_peer_certificate_digest" => PeerCertificate?.Fingerprint,
        "upstream.address" => UpstreamHost,
        "upstream.local_address" => UpstreamLocalAddress,
        "upstream.transport_failure_reason" => _stream.Exchange.FailureReason,
        "xds.cluster_name" => ClusterName,
        "xds.route_name" => Route?.Name,
        "xds.virtual_host_name" => Route?.VirtualHost,
        "xds.filter_chain_name" => ListenerName,
        _ => Nothing<string>(name),
    };

    public override long? GetAttributeNumber(string name) => name switch
    {
        "request.size" => BytesReceived,
        "response.size" => BytesSent,
        "response.code" => ResponseCode is 0 ? null : ResponseCode,
        "source.port" => PortOf(_stream.RemoteAddress.Port),
        "destination.port" => PortOf(DownstreamLocal.Port),
        "upstream.port" => PortOf((_stream.Exchange.Host?.EndPoint as IPEndPoint)?.Port ?? 0),
        _ => (long?)Nothing<object>(name),
    };

    public override bool? GetAttributeFlag(string name) => name switch
    {
        "connection.mtls" => PeerCertificate is not null,
        _ => (bool?)Nothing<object>(name),
    };

    private StreamPeerCertificate? PeerCertificate => DownstreamTls?.PeerCertificate;

    private ReadOnlySpan<byte> Query
    {
        get
        {
            var path = RequestHeaders.Path;
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
