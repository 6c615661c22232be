using System.Net;
using System.Net.Sockets;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Who a request's client is, by its address.</summary>
internal static class ClientAddress
{
    // RFC 1918, RFC 4193, and the host itself.
    private static readonly AddressSet s_internal = new("$", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1"]);

    /// <summary>The address; null for a client on a Unix socket.</summary>
    internal static IPAddress? Of(StreamContext stream)
        => stream.DownstreamRemote?.Address is { } address ? AddressSet.Plain(address) : null;

    /// <summary>Is the client one of ours: in a network of this host, or on a Unix socket?</summary>
    internal static bool IsInternal(StreamContext stream) => Of(stream) is not { } address || s_internal.Contains(address);

    /// <summary>The network of so many bits that the address is in: <c>10.1.0.0/16</c>.</summary>
    internal static string Masked(IPAddress address, int v4Length, int v6Length)
        => AddressSet.NetworkOf(address, address.AddressFamily == AddressFamily.InterNetwork ? v4Length : v6Length).ToString();
}
