using System.Net;

namespace Outrider.Proxy.Configuration;

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
        return new AdminConfiguration(new IPEndPoint(ip, port)) { Handlers = handlers };
    }
}
