using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Outrider.Proxy.Admin;

/// <summary>
/// Who may use the admin API. A browser reaches 127.0.0.1 for any page that it shows: a page of another site says <c>Origin</c> or
/// <c>Sec-Fetch-Site</c>, and one whose name has been pointed at this machine (DNS rebinding) says that name as <c>Host</c>. Immutable; any thread.
/// </summary>
/// <param name="hosts">Names and addresses that clients may call it by, beside the address that they reach it at and <c>localhost</c>.</param>
/// <param name="token">What every request has to show as <c>Authorization: Bearer</c>; null for nothing.</param>
internal sealed class AdminAccess(IEnumerable<string> hosts, string? token)
{
    private readonly string[] _hosts = [.. hosts, "localhost"];
    private readonly byte[]? _token = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>May clients on other machines change something and take dumps, without a token? Default false.</summary>
    public bool AllowsRemote { get; init; }

    /// <summary>Does every request have to show a token?</summary>
    public bool WantsToken => _token is not null;

    /// <summary>Everybody who reaches it at its address, and is no web page.</summary>
    public static AdminAccess Default { get; } = new([], null);

    /// <summary>Everybody by any name, but web pages: for what is no secret and changes nothing.</summary>
    public static AdminAccess Open { get; } = new(["*"], null);

    /// <summary>Looks at a request before its page does.</summary>
    /// <param name="request">The request.</param>
    /// <param name="local">The address that it came to.</param>
    /// <returns>The refusal, or null when it may go on.</returns>
    public AdminResponse? Refuse(AdminRequest request, IPAddress local)
    {
        if (request.Authority is { } authority && !IsOurs(HostOf(authority), local))
        {
            return AdminResponse.Text($"this is not the admin API of '{authority}': call it by its address, or name the host in admin.hosts\n", 421);
        }

        if (request.Header("origin") is not null || request.Header("sec-fetch-site") is not (null or "none" or "same-origin"))
        {
            return AdminResponse.Text("the admin API does not answer web pages\n", 403);
        }

        return _token is null || HasToken(request.Header("authorization"))
            ? null
            : AdminResponse.Text("the admin API wants its token: Authorization: Bearer …\n", 401) with { Challenge = "Bearer" };
    }

    private bool IsOurs(string host, IPAddress local)
    {
        // Ports are no matter: what a port was forwarded from is another one, and no name can be pointed at a port.
        if (_hosts[0] == "*" || _hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        return IPAddress.TryParse(host, out var address) && Plain(address).Equals(Plain(local));
    }

    private bool HasToken(string? authorization)
        => authorization is { Length: > 7 } && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(authorization[7..].Trim())), _token);

    // 127.0.0.1, which a socket of both families calls ::ffff:127.0.0.1; and without the interface of a link-local address.
    private static IPAddress Plain(IPAddress address)
        => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes());

    private static string HostOf(string authority)
    {
        int end = authority.StartsWith('[') ? authority.IndexOf(']', StringComparison.Ordinal) : authority.LastIndexOf(':');
        return authority.StartsWith('[') ? authority[1..Math.Max(end, 1)] : end < 0 ? authority : authority[..end];
    }
}
