using System.Globalization;
using System.Text;
using Outrider.Configuration.Model;
using Outrider.Http.Messages;

namespace Outrider.Proxy.Routing;

/// <summary>Sends clients elsewhere: the request's own URI with the scheme, host or path of the configuration. The query stays.</summary>
internal sealed class Redirect
{
    private readonly byte[]? _scheme;
    private readonly byte[]? _host;
    private readonly byte[]? _path;

    public Redirect(RedirectConfiguration configuration)
    {
        Status = configuration.ResponseCode;
        _scheme = Bytes(configuration.SchemeRedirect);
        _host = Bytes(configuration.HostRedirect);
        _path = configuration.PathRedirect is { } path ? Encoding.UTF8.GetBytes(EscapePath(path)) : null;
    }

    /// <summary>301, 302, 303, 307 or 308.</summary>
    public int Status { get; }

    /// <summary>The value of <c>Location</c>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="scheme">What it came by: <c>http</c> or <c>https</c>.</param>
    public byte[] BuildLocation(RequestHead request, ReadOnlySpan<byte> scheme)
    {
        ReadOnlySpan<byte> newScheme = _scheme ?? scheme;
        ReadOnlySpan<byte> host = _host ?? request.Authority;
        ReadOnlySpan<byte> path = _path ?? RequestTarget.PathOf(request.Target);
        ReadOnlySpan<byte> query = RequestTarget.QueryOf(request.Target);
        if (!newScheme.SequenceEqual(scheme))
        {
            host = WithoutOldPort(host, newScheme);
        }

        // HTTP/1.0 without Host: all that can be said is the path. Two slashes would make a host of its first segment.
        ReadOnlySpan<byte> slash = path.StartsWith("/"u8) ? default : "/"u8;
        if (host.IsEmpty)
        {
            return path.StartsWith("//"u8) ? [.. "/."u8, .. path, .. query] : [.. slash, .. path, .. query];
        }

        return [.. newScheme, .. "://"u8, .. host, .. slash, .. path, .. query];
    }

    // From http://host:80 to https, and the other way round: the port meant the old scheme.
    private static ReadOnlySpan<byte> WithoutOldPort(ReadOnlySpan<byte> authority, ReadOnlySpan<byte> scheme)
    {
        var split = new HostAndPort(authority);
        bool isOld = (scheme.SequenceEqual("https"u8) && split.Port.SequenceEqual("80"u8))
            || (scheme.SequenceEqual("http"u8) && split.Port.SequenceEqual("443"u8));
        return isOld ? split.Host : authority;
    }

    private static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);

    // A path of the configuration is a path, as in MOSN: it holds no query and no fragment. What is encoded already stays so.
    private static string EscapePath(string path)
    {
        var escaped = new StringBuilder(path.Length);
        foreach (byte b in Encoding.UTF8.GetBytes(path))
        {
            if (b is < 0x80 and not ((byte)'?' or (byte)'#'))
            {
                escaped.Append((char)b);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return escaped.ToString();
    }
}
