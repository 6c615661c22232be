using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Outrider.Net.Interop;

namespace Outrider.Net.Addresses;

/// <summary>
/// An address and port, or the fact of a Unix socket, in 20 bytes: what every connection carries in the place of an
/// <see cref="IPEndPoint"/> (which would cost an idle connection 100 bytes more).
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct PeerAddress : IEquatable<PeerAddress>
{
    // IPv4 addresses are kept mapped (::ffff:a.b.c.d), in network order.
    private readonly uint _a, _b, _c, _d;
    private readonly ushort _port;
    private readonly byte _family;

    private PeerAddress(ReadOnlySpan<byte> ip16, ushort port, byte family)
    {
        _a = MemoryMarshal.Read<uint>(ip16);
        _b = MemoryMarshal.Read<uint>(ip16[4..]);
        _c = MemoryMarshal.Read<uint>(ip16[8..]);
        _d = MemoryMarshal.Read<uint>(ip16[12..]);
        _port = port;
        _family = family;
    }

    /// <summary>True when the peer is at the other end of a Unix socket and has no address.</summary>
    public bool IsUnix => _family == Constants.AF_UNIX;

    /// <summary>True when there is an address at all.</summary>
    public bool IsKnown => _family != 0;

    /// <summary>The port; 0 for Unix sockets.</summary>
    public int Port => _port;

    /// <summary>The longest text that <see cref="FormatAddress"/> writes.</summary>
    public const int MaxAddressLength = 46;

    /// <summary>Writes the address without port (<c>10.0.0.1</c>, <c>2001:db8::1</c>, <c>unix</c>) and returns how many bytes that took.</summary>
    /// <param name="destination">At least <see cref="MaxAddressLength"/> bytes.</param>
    public int FormatAddress(Span<byte> destination)
    {
        if (IsUnix || !IsKnown)
        {
            ReadOnlySpan<byte> text = IsUnix ? "unix"u8 : "-"u8;
            text.CopyTo(destination);
            return text.Length;
        }

        Span<byte> ip = stackalloc byte[16];
        CopyAddress(ip);
        if (IsV4)
        {
            // By hand: each request says its client's.
            int n = WriteNumber(ip[12], destination, 0);
            for (int i = 13; i < 16; i++)
            {
                destination[n] = (byte)'.';
                n = WriteNumber(ip[i], destination, n + 1);
            }

            return n;
        }

        return Ip6Text.Format(ip, destination);
    }

    private static int WriteNumber(int number, Span<byte> destination, int at)
    {
        if (number >= 100)
        {
            destination[at++] = (byte)('0' + (number / 100));
        }

        if (number >= 10)
        {
            destination[at++] = (byte)('0' + (number / 10 % 10));
        }

        destination[at] = (byte)('0' + (number % 10));
        return at + 1;
    }

    /// <summary><c>10.0.0.1:80</c>, <c>[2001:db8::1]:80</c>, <c>unix</c> or <c>-</c>.</summary>
    public override string ToString() => IsUnix ? "unix" : IsKnown ? ToEndPoint().ToString() : "-";

    /// <summary>The address as .NET has it.</summary>
    /// <exception cref="InvalidOperationException">A Unix socket has none.</exception>
    public IPEndPoint ToEndPoint()
    {
        if (IsUnix || !IsKnown)
        {
            throw new InvalidOperationException("no IP address: " + ToString());
        }

        Span<byte> ip = stackalloc byte[16];
        CopyAddress(ip);
        return new IPEndPoint(IsV4 ? new IPAddress(ip[12..]) : new IPAddress(ip), _port);
    }

    /// <summary>Copies the address in network order: 4 bytes of an IPv4 address, or 16, an IPv4 address mapped into IPv6.</summary>
    /// <param name="destination">4 or 16 bytes.</param>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public void CopyTo(Span<byte> destination)
    {
        Span<byte> ip = stackalloc byte[16];
        CopyAddress(ip);
        switch (destination.Length)
        {
            case 4:
                ip[12..].CopyTo(destination);
                break;
            case 16:
                ip.CopyTo(destination);
                break;
            default:
                throw new ArgumentException("an address has 4 or 16 bytes", nameof(destination));
        }
    }

    /// <summary>An address from its bytes in network order, 4 or 16, and a port.</summary>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public static PeerAddress Create(ReadOnlySpan<byte> address, int port)
    {
        Span<byte> ip = stackalloc byte[16];
        ip.Clear();
        switch (address.Length)
        {
            case 4:
                ip[10] = ip[11] = 0xFF;
                address.CopyTo(ip[12..]);
                break;
            case 16:
                address.CopyTo(ip);
                break;
            default:
                throw new ArgumentException("an address has 4 or 16 bytes", nameof(address));
        }

        return new PeerAddress(ip, (ushort)port, address.Length == 4 ? (byte)Constants.AF_INET : (byte)Constants.AF_INET6);
    }

    /// <inheritdoc/>
    public bool Equals(PeerAddress other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d && _port == other._port && _family == other._family;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PeerAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_a, _b, _c, _d, _port, _family);

    /// <summary>The same address and port.</summary>
    public static bool operator ==(PeerAddress left, PeerAddress right) => left.Equals(right);

    /// <summary>Not the same address and port.</summary>
    public static bool operator !=(PeerAddress left, PeerAddress right) => !left.Equals(right);

    /// <summary>Is it an IPv4 address?</summary>
    public bool IsV4 => _family != Constants.AF_UNIX && IsKnown && _a == 0 && _b == 0 && _c == (BitConverter.IsLittleEndian ? 0xFFFF0000 : 0x0000FFFF);

    /// <summary>The address as 16 bytes, IPv4 mapped into IPv6.</summary>
    internal void CopyAddress(Span<byte> ip)
    {
        MemoryMarshal.Write(ip, _a);
        MemoryMarshal.Write(ip[4..], _b);
        MemoryMarshal.Write(ip[8..], _c);
        MemoryMarshal.Write(ip[12..], _d);
    }

    /// <summary>Reads a <c>sockaddr</c> as the kernel filled it in.</summary>
    internal static PeerAddress FromNative(ReadOnlySpan<byte> address)
    {
        if (address.Length < 2)
        {
            return default;
        }

        Span<byte> ip = stackalloc byte[16];
        ip.Clear();
        ushort family = MemoryMarshal.Read<ushort>(address);
        switch (family)
        {
            case Constants.AF_INET when address.Length >= 8:
                ip[10] = ip[11] = 0xFF;
                address.Slice(4, 4).CopyTo(ip[12..]);
                return new PeerAddress(ip, BinaryPrimitives.ReadUInt16BigEndian(address[2..]), Constants.AF_INET);
            case Constants.AF_INET6 when address.Length >= 24:
                address.Slice(8, 16).CopyTo(ip);
                return new PeerAddress(ip, BinaryPrimitives.ReadUInt16BigEndian(address[2..]), Constants.AF_INET6);
            case Constants.AF_UNIX:
                return new PeerAddress(ip, 0, Constants.AF_UNIX);
            default:
                return default;
        }
    }

    /// <summary>Writes an end point as a <c>sockaddr</c>; returns its length. The destination has 128 bytes.</summary>
    /// <exception cref="ArgumentException">A kind of end point that the engine does not know, or a path too long for one.</exception>
    internal static int ToNative(EndPoint endPoint, Span<byte> destination)
    {
        destination.Clear();
        if (endPoint is IPEndPoint ip)
        {
            bool v4 = ip.AddressFamily == AddressFamily.InterNetwork;
            MemoryMarshal.Write(destination, (ushort)(v4 ? Constants.AF_INET : Constants.AF_INET6));
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)ip.Port);
            _ = ip.Address.TryWriteBytes(destination[(v4 ? 4 : 8)..], out _);
            if (!v4)
            {
                MemoryMarshal.Write(destination[24..], (uint)ip.Address.ScopeId);
            }

            return v4 ? 16 : 28;
        }

        if (endPoint is UnixDomainSocketEndPoint)
        {
            var path = System.Text.Encoding.UTF8.GetBytes(endPoint.ToString()!);
            if (path.Length > 107)
            {
                throw new ArgumentException($"a Unix socket's path has at most 107 bytes: {endPoint}");
            }

            MemoryMarshal.Write(destination, (ushort)Constants.AF_UNIX);
            path.CopyTo(destination[2..]);
            if (path is [(byte)'@', ..])
            {
                // How .NET writes a name of the abstract namespace, which begins with a NUL and has no NUL at its end (unix(7)).
                destination[2] = 0;
                return 2 + path.Length;
            }

            return 2 + path.Length + 1;
        }

        throw new ArgumentException($"cannot use the address {endPoint}");
    }
}
