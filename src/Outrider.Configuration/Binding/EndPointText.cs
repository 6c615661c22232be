using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Outrider.Configuration.Binding;

/// <summary>Addresses as configurations write them.</summary>
internal static class EndPointText
{
    // sun_path of unix(7) has 108 bytes, the closing zero included.
    private const int MaxUnixPath = 107;

    private static readonly SearchValues<char> s_digitsAndDot = SearchValues.Create("0123456789.");

    /// <summary>An address to listen on: <c>ip:port</c>, <c>[v6]:port</c>, <c>:port</c>, <c>localhost:port</c>. Null when it is none.</summary>
    public static IPEndPoint? Listen(string text)
    {
        if (!TrySplit(text, out string host, out int port))
        {
            return null;
        }

        IPAddress? address = host.Length == 0 ? AnyAddress : ListenAddress(host);
        return address is null ? null : new IPEndPoint(address, port);
    }

    /// <summary>An IP address or <c>localhost</c>; null when it is neither.</summary>
    public static IPAddress? ListenAddress(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback : Address(host);

    /// <summary>An address to connect to: <c>ip:port</c>, <c>[v6]:port</c>, <c>name:port</c>, <c>unix:/path</c>. Null when it is none.</summary>
    public static EndPoint? Connect(string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            return Unix(text["unix:".Length..]);
        }

        if (!TrySplit(text, out string host, out int port) || port == 0)
        {
            return null;
        }

        if (Address(host) is { } address)
        {
            return new IPEndPoint(address, port);
        }

        // A name of digits and dots is a mistyped IP address.
        bool isName = Uri.CheckHostName(host) == UriHostNameType.Dns && host.AsSpan().ContainsAnyExcept(s_digitsAndDot);
        return isName ? new DnsEndPoint(host, port) : null;
    }

    /// <summary>A Unix domain socket; a leading <c>@</c> stands for Linux's abstract namespace, as in Go. Null when the path is empty or too long.</summary>
    public static UnixDomainSocketEndPoint? Unix(string path)
    {
        if (path.Length == 0 || path.Contains('\0') || Encoding.UTF8.GetByteCount(path) > MaxUnixPath)
        {
            return null;
        }

        return new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path);
    }

    private static IPAddress AnyAddress => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    // IPAddress.Parse takes "1" for 0.0.0.1 and "010.0.0.1" for 8.0.0.1; nobody who configures an address means that.
    private static IPAddress? Address(string host)
        => IPAddress.TryParse(host, out IPAddress? address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == host)
            ? address
            : null;

    private static bool TrySplit(string text, out string host, out int port)
    {
        host = "";
        port = 0;
        int colon = text.LastIndexOf(':');
        if (colon < 0 || text.Length - colon > 6
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > 65535)
        {
            return false;
        }

        host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
            return host.Contains(':');
        }

        return !host.Contains(':');
    }
}
