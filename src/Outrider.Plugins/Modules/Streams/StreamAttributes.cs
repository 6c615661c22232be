using System.Net;
using System.Text;
using Outrider.Envoy.Abi;
using Outrider.Filters;

namespace Outrider.Plugins.Modules;

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
                value = default;
                return false;
        }
    }

    internal static bool TryGetNumber(ModuleFilter filter, AttributeId id, out ulong value)
    {
        var stream = filter.Context;
        long? number = id switch
        {
            AttributeId.ResponseCode when stream.ResponseCode != 0 => stream.ResponseCode,
            AttributeId.ResponseFlags => (long)stream.ResponseFlags,
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
