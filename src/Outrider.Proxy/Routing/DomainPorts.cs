using System.Text;

namespace Outrider.Proxy.Routing;

/// <summary>The virtual hosts of one host name, or of one suffix, by port.</summary>
internal sealed class DomainPorts
{
    private readonly List<(byte[] Port, VirtualHost Host)> _exact = [];

    /// <summary>The virtual host for any port; null when none is.</summary>
    public VirtualHost? AnyPort { get; private set; }

    /// <summary>Adds one: digits, <c>*</c> for any port, empty for requests without one. While the table is being made.</summary>
    public void Add(string port, VirtualHost host)
    {
        if (port == "*")
        {
            AnyPort = host;
        }
        else
        {
            _exact.Add((Encoding.UTF8.GetBytes(port), host));
        }
    }

    /// <summary>The virtual host for exactly that port, or null.</summary>
    public VirtualHost? Find(ReadOnlySpan<byte> port)
    {
        // One or two in practice; a search by hash would take longer.
        foreach ((byte[] known, VirtualHost host) in _exact)
        {
            if (port.SequenceEqual(known))
            {
                return host;
            }
        }

        return null;
    }
}
