using Outrider.Filters;
using Outrider.Http.Messages;
using Outrider.Net.Addresses;
using Outrider.Proxy.Routing;
using Outrider.Upstream;
using Outrider.Upstream.Affinity;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Streams.Destinations;

/// <summary>What keeps a client to its host: the hash of its request, and the cookie that it gets where it brings none. A part of its stream: no allocation.</summary>
internal struct StreamAffinity
{
    // A cookie's line longer than that is not made: names and paths are the configuration's, and short.
    private const int LongestLine = 512;

    private ulong? _made;
    private UpstreamHost? _asked;

    /// <summary>What the route makes of the request. Where it wants a cookie that the client does not bring, one is made: the same for each try.</summary>
    internal ulong? HashOf(RequestHash? policy, RequestHead request, PeerAddress client, LoopRandom random)
    {
        if (policy?.Of(request, client) is { } hash)
        {
            return hash;
        }

        if (policy?.Cookie is null)
        {
            return null;
        }

        _made ??= random.NextULong();
        Span<byte> value = stackalloc byte[16];
        CookieMaker.WriteValue(_made.Value, value);
        return RequestHash.OfValue(value);
    }

    /// <summary>The healthy host that the client's cookie names, for its first try; null where there is none.</summary>
    internal UpstreamHost? HostOf(Cluster cluster, RequestHead request, ref TriedHosts tried)
    {
        if (cluster.AffinityCookie is not { } cookie || tried.Tries > 0)
        {
            return null;
        }

        _asked = CookieField.TryFind(request.Fields, cookie.Name.Span, out var key) ? cluster.Affinity?.Find(key) : null;
        if (_asked is not null)
        {
            tried.Add(_asked);
        }

        return _asked;
    }

    /// <summary>Adds to the response the cookies that the client is to have.</summary>
    internal readonly void Apply(ResponseHead response, CookieMaker? ofHash, Cluster cluster, UpstreamHost host)
    {
        if (_made is { } made && ofHash is not null)
        {
            Add(response, ofHash, made);
        }

        if (cluster.AffinityCookie is { } cookie && _asked != host)
        {
            Add(response, cookie, AffinityHosts.KeyOf(host));
        }
    }

    private static void Add(ResponseHead response, CookieMaker cookie, ulong key)
    {
        if (cookie.LineLength <= LongestLine)
        {
            Span<byte> line = stackalloc byte[LongestLine];
            cookie.Write(key, line);
            response.Fields.Add("set-cookie"u8, line[..cookie.LineLength]);
        }
    }
}
