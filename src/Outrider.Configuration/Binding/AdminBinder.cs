using System.Net;
using System.Text.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>admin</c>.</summary>
internal static class AdminBinder
{
    public static AdminConfiguration? Bind(ObjectReader root)
    {
        if (root.Object("admin") is not { } admin)
        {
            return null;
        }

        ObjectReader? address = admin.Object("address");
        ObjectReader? socket = address?.Object("socket_address");
        string[] handlers = [.. admin.Texts("handlers").Select(static node => node.Text).Distinct()];
        string[] hosts = [.. admin.Texts("hosts").Select(static node => node.Text).Distinct()];
        string? token = Token(admin);
        bool remote = admin.Flag("allow_remote", false);
        admin.Finish();
        address?.Finish();
        if (socket is null)
        {
            root.Warning("admin", "has no address.socket_address; the admin API is off");
            return null;
        }

        IPAddress ip = IPAddress.Loopback;
        if (socket.Text("address") is { } text)
        {
            if (EndPointText.ListenAddress(text) is { } parsed)
            {
                ip = parsed;
            }
            else
            {
                ObjectReader.Wrong(socket.Take("address")!, root.Problems, "an IP address");
            }
        }

        int port = socket.Integer("port_value", 0, 0, 65535);
        socket.Finish();
        return new AdminConfiguration(new IPEndPoint(ip, port)) { Handlers = handlers, Hosts = hosts, Token = token, AllowRemote = remote };
    }

    // RFC 6750 §2.1: what an Authorization header can carry. An empty one would look like a lock and be none.
    private static string? Token(ObjectReader admin)
    {
        if (admin.Take("token") is not { } node)
        {
            return null;
        }

        string? token = node.Kind == JsonValueKind.String ? node.Text : null;
        if (token is null || token.Length is < 16 or > 1024 || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            ObjectReader.Wrong(node, admin.Problems, "16 to 1024 visible ASCII characters without blanks");
        }

        return token;
    }
}
