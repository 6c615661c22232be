using System.Net;
using Outrider.Net.Addresses;
using Outrider.Net.Listening;
using Outrider.Net.Transports;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Network;
using Outrider.Proxy.Snapshots;

namespace Outrider.Proxy.Server;

/// <summary>A listener's filter chains on one loop: has listener filters look at each new connection, and gives it to the chain that is for it.</summary>
internal sealed class LoopChains
{
    private readonly ListenerLoop _listener;
    private readonly Dictionary<string, ListenerLoop> _http = new(StringComparer.Ordinal);
    private ListenerSnapshot _snapshot;

    internal LoopChains(ListenerLoop listener, ListenerSnapshot snapshot)
    {
        _listener = listener;
        _snapshot = snapshot;
        Apply(snapshot);
    }

    private ChainTable Table => _snapshot.Chains!;

    /// <summary>The listener's sides for HTTP chains, beside the first one, which is the listener's own.</summary>
    internal IEnumerable<ListenerLoop> Http => _http.Values;

    /// <summary>The chains go: what is open ends in its time.</summary>
    internal void Drain()
    {
        foreach (var chain in _http.Values)
        {
            chain.Drain();
        }
    }

    /// <summary>New connections, and new streams of those that are open, go by this configuration.</summary>
    internal void Apply(ListenerSnapshot snapshot)
    {
        _snapshot = snapshot;
        foreach (var (name, loop) in _http.ToList())
        {
            if (snapshot.HttpChains.TryGetValue(name, out var kept))
            {
                loop.Apply(kept);
            }
            else
            {
                _ = _http.Remove(name);
                loop.Drain();
            }
        }

        foreach (var (name, chain) in snapshot.HttpChains)
        {
            if (!_http.ContainsKey(name))
            {
                _http.Add(name, _listener.NewChain(chain));
            }
        }
    }

    /// <summary>The routes of some chains are others; the chains are the same.</summary>
    internal void ApplyRoutes(ListenerSnapshot snapshot)
    {
        _snapshot = snapshot;
        foreach (var (name, chain) in snapshot.HttpChains)
        {
            _http[name].ApplyRoutes(chain);
        }
    }

    /// <summary>A connection was accepted, and nothing of it has been read.</summary>
    internal void Accept(Transport transport)
    {
        var opening = new ConnectionOpening(transport);
        if (Inspection.Begin(opening, _listener, Table))
        {
            Choose(opening);
        }
    }

    /// <summary>Gives the connection its handler, which has not begun.</summary>
    internal void Choose(ConnectionOpening opening)
    {
        var transport = opening.Transport;
        if (Table.Find(opening) is not { } chain)
        {
            _listener.OnUnmatched(opening);
            transport.Handler = new RefusedConnection(transport, _listener);
            return;
        }

        if (transport.IsLocalAddressRestored && IsOwnAddress(transport.LocalAddress))
        {
            // Whoever connects to the listener itself was not redirected; going there again would have no end.
            transport.RestoreLocalAddress(transport.LocalAddress, isOwn: true);
        }

        opening.IsTerminated = chain.Tls is not null;
        opening.AwaitsAdmission = chain.Filters is not null;
        if (chain.Handler is { } handler)
        {
            transport.Handler = handler.Create(transport, _listener, opening);
            if (chain.Tls is { } tls)
            {
                transport.AcceptTls(tls);
            }
        }
        else
        {
            _http.GetValueOrDefault(chain.Name, _listener).ServeHttp(transport, chain.Tls);
        }

        if (chain.Filters is { } filters && !NetworkFilterStage.TryPut(transport, _listener, filters, chain.Name, opening))
        {
            transport.Handler = new RefusedConnection(transport, _listener);
        }
    }

    // Is that where the listener itself listens? Of one that listens on all addresses the port decides.
    private bool IsOwnAddress(PeerAddress address)
        => !address.IsUnix && _snapshot.Configuration.EndPoint is IPEndPoint own && own.Port == address.Port
            && (own.Address.Equals(IPAddress.Any) || own.Address.Equals(IPAddress.IPv6Any) || own.Equals(address.ToEndPoint()));
}
