using System.Buffers;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Http.Messages;
using Outrider.Upstream;

namespace Outrider.Proxy.Routing;

/// <summary>A virtual host compiled: its routes in order.</summary>
internal sealed class VirtualHost
{
    private readonly Route[] _routes;
    private readonly RouteIndex? _index;

    /// <summary>Compiles; <paramref name="firstRoute"/> is the number of its first route in the router.</summary>
    public VirtualHost(VirtualHostConfiguration configuration, RouterConfiguration router, ClusterHandles clusters, UpstreamProtocols protocols, List<ConfigurationProblem> problems, int firstRoute)
    {
        Domains = configuration.Domains;
        _routes = [.. configuration.Routes.Select((route, i) => new Route(route, configuration, router, clusters, protocols, problems, firstRoute + i))];
        _index = _routes.Length > RouteIndex.LeastRoutes ? new RouteIndex([.. _routes.Select(static route => route.Matcher)]) : null;
    }

    /// <summary>The domains that it answers for.</summary>
    public IReadOnlyList<DomainConfiguration> Domains { get; }

    /// <summary>The first route that matches, or null.</summary>
    /// <param name="request">The request.</param>
    /// <param name="stream">What is known of its stream, or null.</param>
    /// <param name="handler">Who has a say in it, or null.</param>
    public Route? Match(RequestHead request, StreamContext? stream = null, IRouteHandler? handler = null)
    {
        ReadOnlySpan<byte> path = RequestTarget.PathOf(request.Target);
        if (NormalPath.Is(path))
        {
            return Match(request, path, stream, handler);
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(path.Length);
        Route? route = Match(request, NormalPath.Write(path, buffer), stream, handler);
        ArrayPool<byte>.Shared.Return(buffer);
        return route;
    }

    private Route? Match(RequestHead request, ReadOnlySpan<byte> path, StreamContext? stream, IRouteHandler? handler)
    {
        if (_index is null)
        {
            return MatchEach(request, path, stream, handler);
        }

        var lists = new CandidateLists(_index.Numbers, stackalloc (int At, int End)[RouteIndex.MaxLists]);
        _index.Find(request, path, ref lists);
        if (lists.IsFull)
        {
            return MatchEach(request, path, stream, handler);
        }

        for (int number = lists.Next(); number >= 0; number = lists.Next())
        {
            if (IsFor(_routes[number], request, path, stream, handler))
            {
                return _routes[number];
            }
        }

        return null;
    }

    /// <summary>As <see cref="Match(RequestHead, StreamContext?, IRouteHandler?)"/>, by asking one route after the other: what the index must agree with. The path is a normal one.</summary>
    internal Route? MatchEach(RequestHead request, ReadOnlySpan<byte> path, StreamContext? stream, IRouteHandler? handler)
    {
        foreach (Route route in _routes)
        {
            if (IsFor(route, request, path, stream, handler))
            {
                return route;
            }
        }

        return null;
    }

    private static bool IsFor(Route route, RequestHead request, ReadOnlySpan<byte> path, StreamContext? stream, IRouteHandler? handler)
        => route.Matcher.Matches(request, path, stream) && (handler is null || handler.Accepts(route.Info, stream!));
}
