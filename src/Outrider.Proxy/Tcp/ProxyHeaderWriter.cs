using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Outrider.Net.Addresses;

namespace Outrider.Proxy.Tcp;

/// <summary>Writes the header of the PROXY protocol (haproxy's proxy-protocol.txt), which tells a host who the client is.</summary>
internal static class ProxyHeaderWriter
{
    /// <summary>The longest header: version 1's 107 bytes.</summary>
    internal const int MaxLength = 108;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Writes a header and returns its length.</summary>
    /// <param name="version">1 or 2.</param>
    /// <param name="source">The client.</param>
    /// <param name="destination">What the client connected to.</param>
    /// <param name="header">At least <see cref="MaxLength"/> bytes.</param>
    internal static int Write(int version, PeerAddress source, PeerAddress destination, Span<byte> header)
    {
        bool known = source.IsKnown && destination.IsKnown && !source.IsUnix && !destination.IsUnix;
        return version == 1 ? WriteText(known, source, destination, header) : WriteBinary(known, source, destination, header);
    }

    private static int WriteText(bool known, PeerAddress source, PeerAddress destination, Span<byte> header)
    {
        if (!known)
        {
            "PROXY UNKNOWN\r\n"u8.CopyTo(header);
            return 15;
        }

        // Both of one family: of a mixed pair the IPv4 address is written mapped.
        bool v4 = source.IsV4 && destination.IsV4;
        string from = Text(source, v4), to = Text(destination, v4);
        return Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"PROXY {(v4 ? "TCP4" : "TCP6")} {from} {to} {source.Port} {destination.Port}\r\n"), header);
    }

    private static string Text(PeerAddress address, bool v4)
    {
        var ip = address.ToEndPoint().Address;
        return (v4 ? ip : ip.MapToIPv6()).ToString();
    }

    private static int WriteBinary(bool known, PeerAddress source, PeerAddress destination, Span<byte> header)
    {
        Signature.CopyTo(header);
        header[12] = 0x21;
        if (!known)
        {
            // AF_UNSPEC, and no addresses: the host uses those of the connection.
            header[13] = 0;
            header[14] = header[15] = 0;
            return 16;
        }

        bool v4 = source.IsV4 && destination.IsV4;
        int size = v4 ? 4 : 16;
        header[13] = (byte)(v4 ? 0x11 : 0x21);
        BinaryPrimitives.WriteUInt16BigEndian(header[14..], (ushort)((2 * size) + 4));
        source.CopyTo(header.Slice(16, size));
        destination.CopyTo(header.Slice(16 + size, size));
        BinaryPrimitives.WriteUInt16BigEndian(header[(16 + (2 * size))..], (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(header[(18 + (2 * size))..], (ushort)destination.Port);
        return 20 + (2 * size);
    }
}
