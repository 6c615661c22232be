using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Outrider.Configuration.Model;

/// <summary>A range of IP addresses, <c>10.0.0.0/8</c> or <c>2001:db8::/32</c>. Immutable; asking allocates nothing.</summary>
internal sealed class AddressRange
{
    // IPv4 is looked at as it is mapped into IPv6 (::ffff:a.b.c.d): 96 bits more.
    private const int MappedBits = 96;

    private readonly byte[] _prefix = new byte[16];
    private readonly int _bits;

    private AddressRange(IPAddress address, int length)
    {
        _bits = length + (address.AddressFamily == AddressFamily.InterNetwork ? MappedBits : 0);
        _ = address.MapToIPv6().TryWriteBytes(_prefix, out _);
        Text = $"{address}/{length}";
        Length = length;
    }

    /// <summary>The range as it is written.</summary>
    public string Text { get; }

    /// <summary>How many bits count, 0 to 32 or 128.</summary>
    public int Length { get; }

    /// <summary>A range; null when the length is not one of the address's family.</summary>
    public static AddressRange? Create(IPAddress address, int length)
    {
        ArgumentNullException.ThrowIfNull(address);
        return length >= 0 && length <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) ? new AddressRange(address, length) : null;
    }

    /// <summary>Reads <c>address/length</c>, or an address alone, which stands for itself. Null when it is neither.</summary>
    public static AddressRange? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? text : text[..slash];
        // "1" and "010.0.0.1" are addresses to IPAddress; nobody who writes a range means that.
        if (!IPAddress.TryParse(host, out var address) || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != host))
        {
            return null;
        }

        if (slash < 0)
        {
            return Create(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        }

        return int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int length) ? Create(address, length) : null;
    }

    /// <summary>Is the address one of the range?</summary>
    /// <param name="ip">16 bytes in the network's order; IPv4 as it is mapped into IPv6.</param>
    public bool Contains(ReadOnlySpan<byte> ip)
    {
        int whole = _bits / 8;
        if (!ip[..whole].SequenceEqual(_prefix.AsSpan(0, whole)))
        {
            return false;
        }

        int rest = _bits % 8;
        return rest == 0 || (ip[whole] ^ _prefix[whole]) >> (8 - rest) == 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
