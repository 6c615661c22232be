using Outrider.Filters;
using Outrider.Proxy.Streams.Replies;
using Outrider.Proxy.Upstream;
using Outrider.Proxy.Upstream.Hosts;

namespace Outrider.Proxy.Streams;

/// <summary>
/// Where the request goes: its route, the route's cluster, the host that a filter wishes for or that is chosen; and what the
/// route changes on the way there and back.
/// </summary>
internal sealed partial class ProxyStream
{
    private IReadOnlyList<KeyValuePair<string, string>> _metadataMatch = [];
    private List<KeyValuePair<string, string>>? _wanted;
    private StreamAffinity _affinity;

    /// <summary>The host that a filter asks for, by its address; null when none does.</summary>
    internal string? WantedHost { get; set; }

    /// <summary>Rather no host than another one than <see cref="WantedHost"/>.</summary>
    internal bool WantsNoOtherHost { get; set; }

    /// <summary>What the upstream is spoken to in: what the route says, otherwise what the listener does.</summary>
    internal UpstreamProtocol UpstreamProtocol => Route?.UpstreamProtocol ?? Snapshot.UpstreamProtocol;

    internal void MatchRoute()
    {
        Route = Snapshot.Router.Match(Request, _context, Snapshot.RouteHandler);
    }

    /// <summary>Finds out where the request goes. False: it goes nowhere, and has been answered.</summary>
    internal bool ChooseHost()
    {
        if (Route is null)
        {
            Flags |= ResponseFlags.NoRouteFound;
            ReplyHere(404, "no route");
            return false;
        }

        if (Route.DirectResponse is { } direct)
        {
            ResponsePath.Reply(direct.Status, null, direct.Reply);
            return false;
        }

        if (Route.Redirect is not null)
        {
            Redirects.Reply(this, Route);
            return false;
        }

        var cluster = Route.ChooseCluster(Request, Site.Random, Loop.Index, out _metadataMatch);
        if (cluster is null)
        {
            Flags |= ResponseFlags.NoRouteFound;
            ReplyHere(503, "no such cluster");
            return false;
        }

        if (!Exchange.ChooseHost(cluster))
        {
            Flags |= ResponseFlags.NoHealthyUpstream;
            ReplyHere(503, "no healthy upstream");
            return false;
        }

        return true;
    }

    /// <summary>Chooses a host for one try, of the subset that this request wants where the cluster has subsets.</summary>
    internal UpstreamHost? ChooseHostOf(Cluster cluster, ref TriedHosts tried)
    {
        if (_affinity.HostOf(cluster, Request, ref tried) is { } host)
        {
            return host;
        }

        ulong? hash = _affinity.HashOf(Route?.Hash, Request, RemoteAddress, Site.Random);
        if (cluster.Configuration.Subsets is null)
        {
            return cluster.ChooseHost(Loop.Index, Site.Random, ref tried, hash: hash);
        }

        var wanted = _wanted ??= [];
        wanted.Clear();
        wanted.AddRange(_metadataMatch);
        _context.AddSubsetMetadata(wanted);
        return cluster.ChooseHost(Loop.Index, Site.Random, ref tried, wanted, hash);
    }

    /// <summary>The request goes out to the upstream now. The first time its head gets what the route adds.</summary>
    internal void OnRequestSending()
    {
        if (RequestSentAt == 0)
        {
            RequestSentAt = Loop.Timestamp;
            Route!.ApplyToRequest(Request);
            if (Request.Authority.IsEmpty)
            {
                // An HTTP/1.0 client need not say; an HTTP/1.1 upstream wants to know. A socket's path is no host.
                Request.SetAuthority(Exchange.Host!.EndPoint is System.Net.IPEndPoint ? Exchange.Host.AddressBytes.Span : "localhost"u8);
            }
        }
    }

    internal void OnUpstreamHead(bool endStream)
    {
        ResponseReceivedAt = Loop.Timestamp;
        Route!.ApplyToResponse(Response);
        _affinity.Apply(Response, Route.Hash?.Cookie, Exchange.Cluster!, Exchange.Host!);
        ResponsePath.OnHead(endStream);
    }
}
