using Outrider.Configuration.Model;
using Outrider.Net.Addresses;

namespace Outrider.Proxy.Listening;

/// <summary>Looks for peers' addresses in ranges of the configuration. Allocates nothing.</summary>
internal static class AddressRanges
{
    /// <summary>Is the address one of the range? A Unix socket's peer never is.</summary>
    internal static bool Contains(this AddressRange range, PeerAddress address)
    {
        if (!address.IsKnown || address.IsUnix)
        {
            return false;
        }

        Span<byte> ip = stackalloc byte[16];
        address.CopyTo(ip);
        return range.Contains(ip);
    }

    /// <summary>Is it an address of a proxy that is trusted?</summary>
    internal static bool Contains(this TrustedProxies trusted, PeerAddress address)
    {
        if (address.IsUnix)
        {
            return trusted.Unix;
        }

        foreach (var range in trusted.Addresses)
        {
            if (range.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
