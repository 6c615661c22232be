using System.Text;
using Outrider.Configuration.Model;

namespace Outrider.Proxy.Routing;

/// <summary>Finds the virtual host of an authority, in MOSN's order (<see cref="DomainConfiguration"/>), without making a string of it.</summary>
internal sealed class DomainTable
{
    private readonly Dictionary<byte[], DomainPorts> _exact = new(HostNameComparer.Instance);
    private readonly Dictionary<byte[], DomainPorts> _suffixes = new(HostNameComparer.Instance);
    private readonly Dictionary<byte[], DomainPorts>.AlternateLookup<ReadOnlySpan<byte>> _exactLookup;
    private readonly Dictionary<byte[], DomainPorts>.AlternateLookup<ReadOnlySpan<byte>> _suffixLookup;

    // How long the suffixes are, the longest first: as many searches as there are lengths, however many suffixes.
    private readonly int[] _suffixLengths;
    private VirtualHost? _default;

    public DomainTable(IEnumerable<VirtualHost> hosts)
    {
        _exactLookup = _exact.GetAlternateLookup<ReadOnlySpan<byte>>();
        _suffixLookup = _suffixes.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (VirtualHost host in hosts)
        {
            foreach (DomainConfiguration domain in host.Domains)
            {
                Add(domain, host);
            }
        }

        _suffixLengths = [.. _suffixes.Keys.Select(key => key.Length).Distinct().OrderDescending()];
    }

    /// <summary>The virtual host, or null. Without an authority (HTTP/1.0) it is the default.</summary>
    public VirtualHost? Find(ReadOnlySpan<byte> authority)
    {
        if (_exact.Count == 0 && _suffixLengths.Length == 0)
        {
            return _default;
        }

        var split = new HostAndPort(authority);
        return (FindExact(split) ?? FindWildcard(split)) ?? _default;
    }

    private void Add(DomainConfiguration domain, VirtualHost host)
    {
        if (domain.Kind == DomainKind.Default)
        {
            _default = host;
            return;
        }

        Dictionary<byte[], DomainPorts> table = domain.Kind == DomainKind.Exact ? _exact : _suffixes;
        byte[] name = Encoding.UTF8.GetBytes(domain.Host);
        if (!table.TryGetValue(name, out DomainPorts? ports))
        {
            table[name] = ports = new DomainPorts();
        }

        ports.Add(domain.Port, host);
    }

    private VirtualHost? FindExact(HostAndPort split)
        => _exactLookup.TryGetValue(split.Host, out DomainPorts? ports) ? ports.Find(split.Port) ?? ports.AnyPort : null;

    // A short suffix with the request's port goes before a long one with any port.
    private VirtualHost? FindWildcard(HostAndPort split)
    {
        VirtualHost? anyPort = null;
        foreach (int length in _suffixLengths)
        {
            // The star stands for one character at least.
            if (length < split.Host.Length && _suffixLookup.TryGetValue(split.Host[^length..], out DomainPorts? ports))
            {
                if (ports.Find(split.Port) is { } host)
                {
                    return host;
                }

                anyPort ??= ports.AnyPort;
            }
        }

        return anyPort;
    }
}
