using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Outrider.Plugins.Protocol;

/// <summary>
/// The line by which a plugin says where it listens: <c>1|1|unix|/tmp/plugin123|grpc</c>. First the version of the
/// handshake, then that of the service; a certificate and a word on multiplexing may follow (go-plugin, docs/internals.md).
/// </summary>
/// <param name="EndPoint">Where the plugin listens.</param>
public sealed record Handshake(EndPoint EndPoint)
{
    /// <summary>The version of handshake and service that we speak.</summary>
    public const int Version = 1;

    // go-plugin takes what is shorter for a remnant of older versions; no certificate is.
    private const int ShortestCertificate = 50;

    /// <summary>The line, without its end.</summary>
    public override string ToString() => EndPoint switch
    {
        IPEndPoint ip => string.Create(CultureInfo.InvariantCulture, $"{Version}|{Version}|tcp|{ip}|grpc"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Version}|{Version}|unix|{EndPoint}|grpc"),
    };

    /// <summary>Reads the line.</summary>
    /// <exception cref="FormatException">It is no handshake, or one that we cannot follow; the message says why.</exception>
    public static Handshake Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string[] parts = line.Trim().Split('|');
        if (parts.Length < 4)
        {
            throw new FormatException($"wanted 1|1|tcp or unix|ADDRESS|grpc, found {Quote(line)}");
        }

        CheckVersion(parts[0], "handshake");
        CheckVersion(parts[1], "service");
        string protocol = parts.Length > 4 ? parts[4] : "netrpc";
        if (protocol != "grpc")
        {
            throw new FormatException($"the plugin speaks {Quote(protocol)}, wanted grpc");
        }

        if (parts.Length > 5 && parts[5].Length > ShortestCertificate)
        {
            throw new FormatException("the plugin insists on TLS, which it was not asked for");
        }

        if (parts.Length > 6 && parts[6] == "true")
        {
            throw new FormatException("the plugin multiplexes its connection, which it was not asked for");
        }

        return new Handshake(parts[2] switch
        {
            "unix" => Unix(parts[3]),
            "tcp" => Tcp(parts[3]),
            _ => throw new FormatException($"the plugin listens on {Quote(parts[2])}, wanted tcp or unix"),
        });
    }

    private static void CheckVersion(string text, string what)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int version) || version != Version)
        {
            throw new FormatException($"the {what}'s version is {Quote(text)}, wanted {Version}");
        }
    }

    private static UnixDomainSocketEndPoint Unix(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path.StartsWith('@') ? "\0" + path[1..] : path);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"{Quote(path)} is not the path of a Unix socket", e);
        }
    }

    private static IPEndPoint Tcp(string address)
    {
        // Go writes ":1234" and "localhost:1234" where it listens so; other names would need a resolver, and a plugin is here.
        string text = address.StartsWith(':') ? "127.0.0.1" + address
            : address.StartsWith("localhost:", StringComparison.Ordinal) ? "127.0.0.1" + address[9..]
            : address.StartsWith("[::]:", StringComparison.Ordinal) ? "127.0.0.1" + address[4..]
            : address;
        return text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endPoint) && endPoint.Port > 0
            ? endPoint.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, endPoint.Port) : endPoint
            : throw new FormatException($"{Quote(address)} is not ip:port");
    }

    // What a stranger printed goes into a message: not all of it.
    private static string Quote(string text) => text.Length <= 100 ? $"\"{text}\"" : $"\"{text[..100]}…\"";
}
