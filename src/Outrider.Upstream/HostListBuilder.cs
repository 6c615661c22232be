using System.Net;
using Outrider.Configuration.Model;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream;

/// <summary>Makes the list of a cluster's hosts, out of those that it had before where the addresses are the same.</summary>
internal sealed class HostListBuilder
{
    private const int MostTogether = 4096;

    private readonly ClusterConfiguration _configuration;
    private readonly Dictionary<(string Name, string Address), UpstreamHost> _known = [];
    private readonly HostSet _before;
    private readonly int _loops;
    private readonly List<UpstreamHost> _hosts = [];
    private readonly HashSet<string> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private HostLoads? _loads;
    private int _expected;

    private HostListBuilder(ClusterConfiguration configuration, HostSet before, int loops)
    {
        _configuration = configuration;
        _before = before;
        _loops = loops;
        foreach (UpstreamHost host in before.Hosts)
        {
            // Another number of loops cannot happen in one process; if it ever does, the host's state has the wrong shape.
            if (host.Loops == loops)
            {
                _known[(host.Name, host.Address)] = host;
            }
        }

        var names = _before.Hosts.ToArray().Select(static host => host.Name).ToHashSet(StringComparer.Ordinal);
        _expected = configuration.Hosts.Count(host => !names.Contains(host.Address));
    }

    /// <summary>The hosts as of now. A name that does not resolve keeps the addresses that it had.</summary>
    public static HostSet Build(ClusterConfiguration configuration, HostSet before, ResolvedNames names, int loops)
    {
        var builder = new HostListBuilder(configuration, before, loops);
        foreach (HostConfiguration host in configuration.Hosts)
        {
            builder.Add(host, names);
        }

        return new HostSet([.. builder._hosts], loops);
    }

    private void Add(HostConfiguration host, ResolvedNames names)
    {
        if (host.EndPoint is not DnsEndPoint name)
        {
            Add(host, names, host.Address, host.EndPoint);
            return;
        }

        IEnumerable<IPEndPoint> former = _before.Hosts.ToArray().Where(h => h.Name == host.Address).Select(h => h.EndPoint).OfType<IPEndPoint>();
        IEnumerable<IPEndPoint> found = names.Find(_configuration.Dns, name.Host) is { } addresses ? addresses.Select(a => new IPEndPoint(a, name.Port)) : former;
        if (_configuration.Type == ClusterType.StrictDns)
        {
            // Servers turn their answers round; an order of our own keeps the list from changing each time.
            int index = 0;
            foreach (IPEndPoint endPoint in found.OrderBy(e => e.ToString(), StringComparer.Ordinal))
            {
                Add(host, names, endPoint.ToString(), endPoint, Other(index++));
            }
        }
        else if ((found.Intersect(former).FirstOrDefault() ?? found.FirstOrDefault()) is { } one)
        {
            Add(host, names, one.ToString(), one, Other(0));
        }

        IPEndPoint? Other(int index) => names.FindOther(_configuration.Dns, name.Host, index) is { } other ? new IPEndPoint(other, name.Port) : null;
    }

    // New hosts of one list have their places together. A block lives as long as any of its hosts, so it has no more places than these need.
    private HostLoads PlaceForNew()
    {
        _loads = _loads is { IsFull: false } loads ? loads : new HostLoads(Math.Clamp(_expected, 1, MostTogether), _loops);
        _expected--;
        return _loads;
    }

    private void Add(HostConfiguration configuration, ResolvedNames names, string address, EndPoint endPoint, IPEndPoint? other = null)
    {
        // Two names may lead to one address.
        if (!_addresses.Add(address))
        {
            return;
        }

        if (_known.TryGetValue((configuration.Address, address), out UpstreamHost? host))
        {
            host.Reconfigure(configuration.Hostname, configuration.Weight, configuration.Metadata);
        }
        else
        {
            host = new UpstreamHost(configuration.Address, address, endPoint, configuration.Hostname, configuration.Weight, _loops, configuration.Metadata, PlaceForNew());
        }

        // A name that did not resolve this time keeps what it had.
        host.OtherEndPoint = other ?? (configuration.EndPoint is DnsEndPoint name && names.Find(_configuration.Dns, name.Host) is null ? host.OtherEndPoint : null);
        _hosts.Add(host);
    }
}
