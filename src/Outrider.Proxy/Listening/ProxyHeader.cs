using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;
using Outrider.Net.Addresses;

namespace Outrider.Proxy.Listening;

/// <summary>Reads a header of the PROXY protocol, version 1 (a line) or 2 (binary, with TLVs): haproxy's doc/proxy-protocol.txt.</summary>
internal struct ProxyHeader
{
    /// <summary>The longest header that is read: 16 bytes, and as much of addresses and TLVs as fits into 4 KiB.</summary>
    internal const int MaxLength = 4096;

    // §2.1: with the CRLF.
    private const int MaxLine = 107;
    private const int AlpnType = 0x01;
    private const int AuthorityType = 0x02;
    private const int ChecksumType = 0x03;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>How many bytes it has.</summary>
    internal int Length { get; private set; }

    /// <summary>Does it say addresses? Not for UNKNOWN, LOCAL and Unix sockets: the connection's own count.</summary>
    internal bool HasAddresses { get; private set; }

    internal PeerAddress Source { get; private set; }

    internal PeerAddress Destination { get; private set; }

    /// <summary>The host name that the client asked for (PP2_TYPE_AUTHORITY); null where it does not say.</summary>
    internal string? Authority { get; private set; }

    /// <summary>The protocol that was agreed on with the client (PP2_TYPE_ALPN); null where it does not say.</summary>
    internal string? ApplicationProtocol { get; private set; }

    /// <summary>Looks at the first bytes of a connection.</summary>
    internal ProxyHeaderState Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return ProxyHeaderState.Incomplete;
        }

        int known = Math.Min(bytes.Length, Signature.Length);
        if (bytes[..known].SequenceEqual(Signature[..known]))
        {
            return known < Signature.Length ? ProxyHeaderState.Incomplete : ReadBinary(bytes);
        }

        known = Math.Min(bytes.Length, 6);
        if (!bytes[..known].SequenceEqual("PROXY "u8[..known]))
        {
            return ProxyHeaderState.None;
        }

        int end = bytes[..Math.Min(bytes.Length, MaxLine)].IndexOf("\r\n"u8);
        if (end < 0)
        {
            return bytes.Length < MaxLine ? ProxyHeaderState.Incomplete : ProxyHeaderState.Malformed;
        }

        Length = end + 2;
        return ReadLine(bytes[..end]) ? ProxyHeaderState.Complete : ProxyHeaderState.Malformed;
    }

    private bool ReadLine(ReadOnlySpan<byte> line)
    {
        string[] words = Encoding.Latin1.GetString(line).Split(' ');
        if (words is ["PROXY", "UNKNOWN", ..])
        {
            return true;
        }

        if (words is not ["PROXY", "TCP4" or "TCP6", _, _, _, _])
        {
            return false;
        }

        var family = words[1] == "TCP4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        if (!TryAddress(words[2], family, words[4], out var source) || !TryAddress(words[3], family, words[5], out var destination))
        {
            return false;
        }

        HasAddresses = true;
        Source = source;
        Destination = destination;
        return true;
    }

    private static bool TryAddress(string text, AddressFamily family, string port, out PeerAddress address)
    {
        address = default;
        // The shorthand forms of IPv4 that .NET takes are not the protocol's.
        if (!IPAddress.TryParse(text, out var ip) || ip.AddressFamily != family || (family == AddressFamily.InterNetwork && ip.ToString() != text)
            || !int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > 65535 || (port.Length > 1 && port[0] == '0'))
        {
            return false;
        }

        address = PeerAddress.Create(ip.GetAddressBytes(), number);
        return true;
    }

    private ProxyHeaderState ReadBinary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 16)
        {
            return ProxyHeaderState.Incomplete;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        int command = bytes[12] & 0xf;
        if (bytes[12] >> 4 != 2 || command > 1 || 16 + length > MaxLength)
        {
            return ProxyHeaderState.Malformed;
        }

        if (bytes.Length < 16 + length)
        {
            return ProxyHeaderState.Incomplete;
        }

        Length = 16 + length;
        var content = bytes.Slice(16, length);
        // Family in the high half, transport in the low one; what is not TCP over IP says nothing to us, as LOCAL does.
        int size = (bytes[13] >> 4) switch { 1 => 4, 2 => 16, 3 => 108, _ => 0 };
        int addresses = size is 4 or 16 ? (2 * size) + 4 : 2 * size;
        if (content.Length < addresses)
        {
            return ProxyHeaderState.Malformed;
        }

        if (command == 1 && size is 4 or 16 && (bytes[13] & 0xf) == 1)
        {
            HasAddresses = true;
            Source = PeerAddress.Create(content[..size], BinaryPrimitives.ReadUInt16BigEndian(content[(2 * size)..]));
            Destination = PeerAddress.Create(content.Slice(size, size), BinaryPrimitives.ReadUInt16BigEndian(content[((2 * size) + 2)..]));
        }

        return ReadExtras(bytes[..Length], content[addresses..], command == 1) ? ProxyHeaderState.Complete : ProxyHeaderState.Malformed;
    }

    private bool ReadExtras(ReadOnlySpan<byte> header, ReadOnlySpan<byte> extras, bool isProxied)
    {
        while (!extras.IsEmpty)
        {
            if (extras.Length < 3)
            {
                return false;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(extras[1..]);
            if (extras.Length < 3 + length)
            {
                return false;
            }

            var value = extras.Slice(3, length);
            switch (extras[0])
            {
                case ChecksumType when length != 4 || !IsChecksumRight(header, header.Length - extras.Length + 3):
                    return false;
                case AlpnType when isProxied && length > 0:
                    ApplicationProtocol = Encoding.Latin1.GetString(value);
                    break;
                case AuthorityType when isProxied && length is > 0 and <= 255 && Ascii.IsValid(value) && !value.Contains((byte)0):
                    Authority = Encoding.ASCII.GetString(value).ToLowerInvariant();
                    break;
                default:
                    break;
            }

            extras = extras[(3 + length)..];
        }

        return true;
    }

    // CRC32c (RFC 4960 Appendix B) of the whole header, with zeros where the sum itself stands.
    private static bool IsChecksumRight(ReadOnlySpan<byte> header, int at)
    {
        uint sum = uint.MaxValue;
        for (int i = 0; i < header.Length; i++)
        {
            sum = BitOperations.Crc32C(sum, i >= at && i < at + 4 ? (byte)0 : header[i]);
        }

        return ~sum == BinaryPrimitives.ReadUInt32BigEndian(header[at..]);
    }
}
