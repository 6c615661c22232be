using System.Buffers.Text;
using System.Net;
using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Memory;
using Outrider.Plugins.Modules.Tls;
using Outrider.Proxy.Streams.Callouts;
using Outrider.Proxy.Streams.Contexts;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>Envoy's attributes as far as a stream of ours has them; what they are is told in Envoy's documentation, "Attributes".</summary>
internal static class StreamAttributes
{
    internal static bool TryGetText(ModuleFilter filter, AttributeId id, out EnvoyBuffer value)
    {
        var stream = filter.Context;
        var request = stream.RequestHeaders;
        switch (id)
        {
            case AttributeId.RequestPath:
                return Lend(request.Path, out value);
            case AttributeId.RequestUrlPath:
                return Lend(request.PathWithoutQuery, out value);
            case AttributeId.RequestQuery:
                int question = request.Path.IndexOf((byte)'?');
                return Lend(question < 0 ? default : request.Path[(question + 1)..], out value);
            case AttributeId.RequestHost:
                return Lend(request.Authority, out value);
            case AttributeId.RequestScheme:
                return Lend(request.Scheme, out value);
            case AttributeId.RequestMethod:
                return Lend(request.Method, out value);
            case AttributeId.RequestReferer:
                return Header(request, "referer"u8, out value);
            case AttributeId.RequestUserAgent:
                return Header(request, "user-agent"u8, out value);
            case AttributeId.RequestId:
                return Header(request, "x-request-id"u8, out value);
            case AttributeId.RequestProtocol:
                return Text(filter, stream.Protocol, out value);
            case AttributeId.ResponseCodeDetails:
                return Text(filter, filter.Control.Details, out value);
            case AttributeId.SourceAddress:
                return Text(filter, stream.DownstreamRemoteAddress, out value);
            case AttributeId.DestinationAddress:
                return Text(filter, stream.DownstreamLocalAddress, out value);
            case AttributeId.UpstreamAddress:
                return Text(filter, stream.UpstreamHost, out value);
            case AttributeId.UpstreamLocalAddress:
                return Text(filter, stream.UpstreamLocalAddress, out value);
            case AttributeId.UpstreamTransportFailureReason:
                return Text(filter, filter.Control.FailureReason, out value);
            case AttributeId.XdsClusterName:
                return Text(filter, filter.Control.RoutedCluster, out value);
            case AttributeId.XdsRouteName:
                return Text(filter, stream.Route?.Name, out value);
            case AttributeId.XdsVirtualHostName:
                return Text(filter, stream.Route?.VirtualHost, out value);
            case AttributeId.XdsFilterChainName:
                return Text(filter, stream.ListenerName, out value);
            default:
                return Text(filter, TlsText(filter.Control, id), out value);
        }
    }

    /// <summary>Null: not known, or no such attribute.</summary>
    internal static bool? GetFlag(ModuleFilter filter, AttributeId id) => id switch
    {
        AttributeId.ConnectionMtls => filter.Control.Tls?.PeerCertificate is not null,
        // Health checks are not answered by the proxy: whatever comes is forwarded.
        AttributeId.HealthCheck => false,
        _ => null,
    };

    internal static bool TryGetNumber(ModuleFilter filter, AttributeId id, out ulong value)
    {
        var stream = filter.Context;
        long? number = id switch
        {
            AttributeId.ResponseCode when stream.ResponseCode != 0 => stream.ResponseCode,
            AttributeId.ResponseFlags => EnvoyFlags(stream.ResponseFlags),
            AttributeId.ResponseGrpcStatus => GrpcStatus(filter),
            AttributeId.ConnectionId => filter.Control.ConnectionId,
            AttributeId.UpstreamRequestAttemptCount => filter.Control.Attempts,
            AttributeId.RequestSize => stream.BytesReceived,
            AttributeId.ResponseSize => stream.BytesSent,
            AttributeId.SourcePort => Port(stream.DownstreamRemoteAddress),
            AttributeId.DestinationPort => Port(stream.DownstreamLocalAddress),
            AttributeId.UpstreamPort => Port(stream.UpstreamHost),
            AttributeId.RequestDuration when stream.Timings.RequestFinished > TimeSpan.Zero => Nanoseconds(stream.Timings.RequestFinished),
            AttributeId.ResponseBackendLatency when stream.Timings.ResponseReceived > TimeSpan.Zero
                => Nanoseconds(stream.Timings.ResponseReceived - stream.Timings.RequestReceived),
            _ => null,
        };
        value = (ulong)(number ?? 0);
        return number is not null;
    }

    private static string? TlsText(IStreamControl control, AttributeId id)
    {
        // Those of the connection to upstream stand behind the one that names its address.
        var tls = id >= AttributeId.UpstreamAddress ? control.UpstreamTls : control.Tls;
        return id switch
        {
            AttributeId.ConnectionTlsVersion or AttributeId.UpstreamTlsVersion => tls?.Version,
            AttributeId.ConnectionRequestedServerName or AttributeId.UpstreamRequestedServerName => tls?.ServerName,
            AttributeId.ConnectionSubjectLocalCertificate or AttributeId.UpstreamSubjectLocalCertificate => CertificateNames.OfLocal(tls)?.Subject,
            AttributeId.ConnectionSubjectPeerCertificate or AttributeId.UpstreamSubjectPeerCertificate => CertificateNames.OfPeer(tls)?.Subject,
            AttributeId.ConnectionDnsSanLocalCertificate or AttributeId.UpstreamDnsSanLocalCertificate => CertificateNames.OfLocal(tls)?.DnsName,
            AttributeId.ConnectionDnsSanPeerCertificate or AttributeId.UpstreamDnsSanPeerCertificate => CertificateNames.OfPeer(tls)?.DnsName,
            AttributeId.ConnectionUriSanLocalCertificate or AttributeId.UpstreamUriSanLocalCertificate => CertificateNames.OfLocal(tls)?.Uri,
            AttributeId.ConnectionUriSanPeerCertificate or AttributeId.UpstreamUriSanPeerCertificate => CertificateNames.OfPeer(tls)?.Uri,
            AttributeId.ConnectionSha256PeerCertificateDigest or AttributeId.UpstreamSha256PeerCertificateDigest => CertificateNames.OfPeer(tls)?.Digest,
            _ => null,
        };
    }

    // Envoy's own bits (its StreamInfo::CoreResponseFlag): modules compare them. A filter that failed and a body that was too large are none of Envoy's.
    private static long EnvoyFlags(ResponseFlags flags)
    {
        ReadOnlySpan<(ResponseFlags Ours, long Envoys)> bits =
        [
            (ResponseFlags.NoHealthyUpstream, 0x2),
            (ResponseFlags.UpstreamRequestTimeout, 0x4),
            (ResponseFlags.UpstreamConnectionFailure, 0x20),
            (ResponseFlags.UpstreamConnectionTermination, 0x40),
            (ResponseFlags.UpstreamOverflow, 0x80),
            (ResponseFlags.NoRouteFound, 0x100),
            (ResponseFlags.RateLimited, 0x800),
            (ResponseFlags.RateLimitServiceError, 0x2000),
            (ResponseFlags.DownstreamConnectionTermination, 0x4000),
            (ResponseFlags.StreamIdleTimeout, 0x10000),
            (ResponseFlags.DownstreamProtocolError, 0x40000),
            (ResponseFlags.UpstreamProtocolError, 0x800000),
        ];
        long found = 0;
        foreach (var (ours, envoys) in bits)
        {
            found |= (flags & ours) != 0 ? envoys : 0;
        }

        return found;
    }

    // In the trailers, or in the head of a response without a body (gRPC over HTTP/2, "Responses").
    private static long? GrpcStatus(ModuleFilter filter)
        => (filter.Control.ResponseTrailers?.TryGetValue("grpc-status"u8, out var text) == true
                || filter.Context.ResponseHeaders?.TryGetValue("grpc-status"u8, out text) == true)
            && Utf8Parser.TryParse(text, out int status, out int used) && used == text.Length && status >= 0
            ? status
            : null;

    private static long Nanoseconds(TimeSpan time) => (long)time.TotalNanoseconds;

    private static long? Port(string? address) => address is not null && IPEndPoint.TryParse(address, out var parsed) ? parsed.Port : null;

    private static bool Header(RequestHeaders request, ReadOnlySpan<byte> name, out EnvoyBuffer value)
    {
        value = default;
        return request.TryGetValue(name, out var found) && Lend(found, out value);
    }

    private static bool Lend(ReadOnlySpan<byte> stable, out EnvoyBuffer value)
    {
        value = LentMemory.Lend(stable);
        return true;
    }

    private static bool Text(ModuleFilter filter, string? text, out EnvoyBuffer value)
    {
        value = text is null ? default : filter.Lent.LendText(text);
        return text is not null;
    }
}
