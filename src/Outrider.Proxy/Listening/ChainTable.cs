using System.Net;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Net.Addresses;
using Outrider.Net.Listening;
using Outrider.Net.Transports;
using Outrider.Proxy.Entries;

namespace Outrider.Proxy.Listening;

/// <summary>
/// A listener's filter chains, and what looks at connections before one is chosen. Chooses as Envoy does: by one property after the other,
/// each time those chains stay that name what the connection has most closely, and there is no way back. Immutable; any thread.
/// </summary>
internal sealed class ChainTable
{
    private delegate int Closeness(FilterChainMatchConfiguration match, ConnectionOpening connection);

    // Envoy's order (config.listener.v3.FilterChainMatch).
    private static readonly Closeness[] s_properties =
    [
        static (match, connection) => match.DestinationPort == 0 ? 0 : match.DestinationPort == connection.Transport.LocalAddress.Port ? 1 : -1,
        static (match, connection) => match.DestinationRanges.Count == 0 ? 0 : Longest(match.DestinationRanges, connection.Transport.LocalAddress),
        static (match, connection) => ServerName(match.ServerNames, connection.ServerName),
        static (match, connection) => match.TransportProtocol.Length == 0 ? 0 : match.TransportProtocol == connection.TransportProtocol ? 1 : -1,
        static (match, connection) => Protocol(match.ApplicationProtocols, connection.ApplicationProtocols),
        static (match, connection) => match.SourceType == SourceType.Any ? 0 : match.SourceType == SourceType.External ^ IsLocal(connection.Transport) ? 1 : -1,
        static (match, connection) => match.SourceRanges.Count == 0 ? 0 : Longest(match.SourceRanges, connection.Transport.RemoteAddress),
        static (match, connection) => match.SourcePorts.Count == 0 ? 0 : match.SourcePorts.Contains(connection.Transport.RemoteAddress.Port) ? 1 : -1,
    ];

    private readonly FilterChain[] _all, _chains;
    private readonly FilterChain? _default;

    internal ChainTable(IReadOnlyList<FilterChain> chains, IReadOnlyList<IListenerFilter> filters, int timeout)
    {
        _all = [.. chains];
        _chains = [.. chains.Where(chain => !chain.Match.IsDefault)];
        _default = chains.FirstOrDefault(chain => chain.Match.IsDefault);
        Filters = [.. filters];
        Timeout = timeout;
    }

    /// <summary>The chains in their order.</summary>
    internal IReadOnlyList<FilterChain> Chains => _all;

    /// <summary>The listener filters in their order.</summary>
    internal IListenerFilter[] Filters { get; }

    /// <summary>What those of them come from that an entry of the configuration names.</summary>
    internal IReadOnlyList<MadeEntry> FilterEntries { get; init; } = [];

    /// <summary>Milliseconds that listener filters may wait for bytes; 0: for ever.</summary>
    internal int Timeout { get; }

    /// <summary>Do connections come by TPROXY, to addresses that are not this machine's?</summary>
    internal bool IsTransparent => Filters.Any(filter => filter is OriginalDestinationFilter { IsTransparent: true });

    /// <summary>The chain for a connection; null when none is for it.</summary>
    internal FilterChain? Find(ConnectionOpening connection)
    {
        if (_chains is [{ Match.IsAll: true } only])
        {
            return only;
        }

        Span<bool> stays = _chains.Length <= 256 ? stackalloc bool[_chains.Length] : new bool[_chains.Length];
        stays.Fill(true);
        foreach (var property in s_properties)
        {
            int closest = -1;
            for (int i = 0; i < _chains.Length; i++)
            {
                closest = stays[i] ? Math.Max(closest, property(_chains[i].Match, connection)) : closest;
            }

            if (closest < 0)
            {
                return _default;
            }

            for (int i = 0; i < _chains.Length; i++)
            {
                stays[i] = stays[i] && property(_chains[i].Match, connection) == closest;
            }
        }

        int found = stays.IndexOf(true);
        return found < 0 ? _default : _chains[found];
    }

    // Envoy's word for it: from a loopback address, or from the very address that it came to.
    private static bool IsLocal(Transport transport)
    {
        var (remote, local) = (transport.RemoteAddress, transport.LocalAddress);
        return remote.IsUnix || (remote.IsKnown && (IPAddress.IsLoopback(remote.ToEndPoint().Address) || (local.IsKnown && !local.IsUnix && remote.ToEndPoint().Address.Equals(local.ToEndPoint().Address))));
    }

    private static int Longest(IReadOnlyList<AddressRange> ranges, PeerAddress address)
    {
        int longest = -1;
        for (int i = 0; i < ranges.Count; i++)
        {
            if (ranges[i].Contains(address))
            {
                // A range of no bits is still closer than none.
                longest = Math.Max(longest, ranges[i].Length + 1);
            }
        }

        return longest;
    }

    // The very name is closest, then the longest of the wildcards.
    private static int ServerName(IReadOnlyList<string> names, string? asked)
    {
        if (names.Count == 0)
        {
            return 0;
        }

        int closest = -1;
        for (int i = 0; i < names.Count && asked is not null; i++)
        {
            string name = names[i];
            if (name.Equals(asked, StringComparison.OrdinalIgnoreCase))
            {
                return int.MaxValue;
            }

            if (name[0] == '*' && asked.AsSpan().EndsWith(name.AsSpan(1), StringComparison.OrdinalIgnoreCase) && asked.Length > name.Length - 1)
            {
                closest = Math.Max(closest, name.Length);
            }
        }

        return closest;
    }

    private static int Protocol(IReadOnlyList<string> wanted, IReadOnlyList<string> offered)
    {
        if (wanted.Count == 0)
        {
            return 0;
        }

        for (int i = 0; i < offered.Count; i++)
        {
            if (wanted.Contains(offered[i]))
            {
                return 1;
            }
        }

        return -1;
    }
}
