using Outrider.Net.Addresses;

namespace Outrider.Proxy.Streams;

/// <summary>Writes an element of <c>Forwarded</c> (RFC 7239): <c>for=10.0.0.1;host="a.test:8080";proto=http</c>. Allocates nothing.</summary>
internal static class ForwardedElement
{
    /// <summary>The most bytes that it takes with a host of that many: each may need a backslash.</summary>
    internal static int MaxLength(int host) => PeerAddress.MaxAddressLength + (2 * host) + 40;

    /// <summary>Writes it, and returns its length.</summary>
    /// <param name="destination">Of <see cref="MaxLength"/>.</param>
    /// <param name="client">Who is served; one on a Unix socket is <c>_unix</c> (RFC 7239 §6.3).</param>
    /// <param name="host">The authority that was asked for; left out when empty.</param>
    /// <param name="scheme">That of the request.</param>
    internal static int Write(Span<byte> destination, PeerAddress client, ReadOnlySpan<byte> host, ReadOnlySpan<byte> scheme)
    {
        int length = 0;
        Span<byte> address = stackalloc byte[PeerAddress.MaxAddressLength];
        address = address[..client.FormatAddress(address)];
        Put(destination, ref length, "for="u8);
        if (client.IsUnix)
        {
            Put(destination, ref length, "_unix"u8);
        }
        else if (!client.IsKnown)
        {
            Put(destination, ref length, "unknown"u8);
        }
        else if (client.IsV4)
        {
            Put(destination, ref length, address);
        }
        else
        {
            Put(destination, ref length, "\"["u8);
            Put(destination, ref length, address);
            Put(destination, ref length, "]\""u8);
        }

        if (!host.IsEmpty)
        {
            Put(destination, ref length, ";host=\""u8);
            foreach (byte b in host)
            {
                if (b is (byte)'"' or (byte)'\\')
                {
                    destination[length++] = (byte)'\\';
                }

                destination[length++] = b;
            }

            Put(destination, ref length, "\""u8);
        }

        Put(destination, ref length, ";proto="u8);
        Put(destination, ref length, scheme);
        return length;
    }

    private static void Put(Span<byte> destination, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(destination[length..]);
        length += text.Length;
    }
}
