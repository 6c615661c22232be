using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Matching;

/// <summary>IP addresses and networks. Any thread.</summary>
internal sealed class AddressSet
{
    private readonly HashSet<IPAddress> _addresses = [];
    private readonly List<IPNetwork> _networks = [];

    /// <param name="path">Where in the configuration the list stands.</param>
    /// <param name="texts">Addresses (<c>10.0.0.1</c>) and networks (<c>10.0.0.0/8</c>, <c>fd00::/8</c>); bits behind a network's prefix do not count, as in Go.</param>
    /// <exception cref="FilterConfigurationException">One of them is neither.</exception>
    internal AddressSet(string path, IReadOnlyList<string> texts)
    {
        for (int i = 0; i < texts.Count; i++)
        {
            if (TryParseNetwork(texts[i], out var network))
            {
                _networks.Add(network);
            }
            else
            {
                _ = _addresses.Add(TryParse(texts[i], out var address) ? address
                    : throw new FilterConfigurationException($"{path}[{i}]", $"'{texts[i]}' is neither an IP address nor a network such as 10.0.0.0/8"));
            }
        }
    }

    /// <summary>Is the address one of them, or in one of the networks? An IPv4 address within IPv6 is that IPv4 address.</summary>
    internal bool Contains(IPAddress address)
    {
        address = Plain(address);
        if (_addresses.Contains(address))
        {
            return true;
        }

        foreach (var network in _networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads an address, with a port or without, and with brackets or without.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> text, out IPAddress address)
    {
        address = IPAddress.None;
        text = text.Trim(" \t"u8);
        if (text.Length is 0 or > 64)
        {
            return false;
        }

        string whole = Encoding.Latin1.GetString(text);
        return TryParse(WithoutPort(whole), out address);
    }

    // [fd00::1]:80, [fd00::1], 10.0.0.1:80; a bare IPv6 address has more than one colon.
    private static string WithoutPort(string text)
    {
        if (text[0] == '[')
        {
            int end = text.IndexOf(']', StringComparison.Ordinal);
            return end > 0 && (end == text.Length - 1 || text[end + 1] == ':') ? text[1..end] : "";
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0 && colon == text.LastIndexOf(':') ? text[..colon] : text;
    }

    // Only whole addresses: .NET takes "1", "0x7f.1" and "10.1" for addresses as well, which Go does not, and a filter must not.
    private static bool TryParse(string text, out IPAddress address)
    {
        if (!IPAddress.TryParse(text, out var parsed) || parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != text || text.Contains('%'))
        {
            address = IPAddress.None;
            return false;
        }

        address = Plain(parsed);
        return true;
    }

    private static bool TryParseNetwork(string? text, out IPNetwork network)
    {
        network = default;
        int slash = text?.IndexOf('/') ?? -1;
        if (slash < 0 || !TryParse(text![..slash], out var address) || !int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out int length))
        {
            return false;
        }

        if (length > address.GetAddressBytes().Length * 8)
        {
            return false;
        }

        network = NetworkOf(address, length);
        return true;
    }

    /// <summary>The network that the address is in.</summary>
    /// <param name="address">The address.</param>
    /// <param name="length">How many bits its prefix has, 0 to 32 or 128.</param>
    internal static IPNetwork NetworkOf(IPAddress address, int length)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> bit % 8);
        }

        return new IPNetwork(new IPAddress(bytes), length);
    }

    /// <summary>The address itself, or the IPv4 address that is mapped into it.</summary>
    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
